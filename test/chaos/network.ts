import { runCommand } from "../servers/shell.js";

/** A process group's link to the servers, which can be cut. */
export interface Link {
  /** The command prefix that runs a command at this end of the link. */
  readonly exec: readonly string[];
  /** Drops packets in both directions from now on, without notice. */
  cut(): Promise<void>;
  heal(): Promise<void>;
}

/** Network namespaces of this machine on one bridge. */
export interface Network {
  /** This machine's address on the bridge, on which servers listen. */
  readonly host: string;
  attach(name: string): Promise<Link>;
  remove(): Promise<void>;
}

const ip = (...args: string[]): Promise<string> => runCommand("ip", args, { timeoutMs: 10_000 });

/** Needs root and iproute2. */
export const createNetwork = async (): Promise<Network> => {
  const own = process.pid % 200;
  const bridge = `carillon${own}`;
  const addressOf = (place: number): string => `10.251.${own}.${place}`;
  await ip("link", "add", bridge, "type", "bridge");
  await ip("addr", "add", `${addressOf(1)}/24`, "dev", bridge);
  await ip("link", "set", bridge, "up");
  const spaces: string[] = [];
  return {
    host: addressOf(1),
    attach: async (name) => {
      const place = spaces.length + 2;
      const space = `${bridge}-${name}`;
      const [outside, inside] = [`c${own}o${place}`, `c${own}i${place}`];
      await ip("netns", "add", space);
      spaces.push(space);
      const within = (...args: string[]): Promise<string> => ip("-n", space, ...args);
      await ip("link", "add", outside, "type", "veth", "peer", "name", inside);
      await ip("link", "set", inside, "netns", space);
      await ip("link", "set", outside, "master", bridge);
      await ip("link", "set", outside, "up");
      await within("addr", "add", `${addressOf(place)}/24`, "dev", inside);
      await within("link", "set", inside, "up");
      await within("link", "set", "lo", "up");
      return {
        exec: ["ip", "netns", "exec", space],
        cut: async () => void (await ip("link", "set", outside, "nomaster")),
        heal: async () => void (await ip("link", "set", outside, "master", bridge)),
      };
    },
    remove: async () => {
      for (const space of spaces) await ip("netns", "del", space).catch(() => undefined);
      await ip("link", "del", bridge).catch(() => undefined);
    },
  };
};
