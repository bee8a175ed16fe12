import { isDeepStrictEqual } from "node:util";
import type { MaybePromise } from "../../engine/stage.js";
import type { Wait } from "../../processors/routing.js";
import { messageOf } from "../../schemas/errors.js";
import type { Channel } from "../../schemas/generated.js";
import type { Clock } from "../../stores/clock.js";
import type { TenantProvider } from "../../stores/tenants/tenants.js";
import type { RoutedProvider } from "../routing/routed-provider.js";
import { createOpenLines, type MadeLine, type OpenLine, type OwnUse } from "./open-lines.js";

/** Which provider of which tenant, as it is stored. */
export interface OwnLineOf {
  readonly scoped: string;
  readonly channel: Channel;
  readonly stored: TenantProvider;
}

/** The providers of tenants that are open in this process or thread. */
export interface OwnLines {
  /** Opens the provider if it is not. A changed one is opened next to the former one, which closes after its last use. */
  take(of: OwnLineOf): MaybePromise<OwnUse | Wait>;
  /** The provider, if it is open. */
  find(scoped: string, channel: Channel): RoutedProvider | undefined;
  /** Closes all providers. Call after the last use. */
  close(): Promise<void>;
}

export interface OwnLinesDependencies {
  /** Rejects if the provider cannot be used. */
  readonly make: (of: OwnLineOf) => Promise<MadeLine>;
  readonly clock: Pick<Clock, "now" | "after">;
  readonly onTrouble: (error: unknown) => void;
  /** Most providers that are open at once. */
  readonly most?: number;
}

interface Pending {
  readonly stored: TenantProvider;
  readonly made: Promise<OpenLine | Wait>;
}

interface Broken {
  readonly stored: TenantProvider;
  readonly wait: Wait;
}

const defaultMost = 500;
/** A provider that cannot be opened is tried again after this. */
const brokenMs = 60_000;
/** Of more providers that cannot be opened, the first ones are tried again sooner. */
const mostBroken = 10_000;

const keyOf = ({ scoped, channel }: Pick<OwnLineOf, "scoped" | "channel">): string => `${channel}/${scoped}`;

const isSame = (one: TenantProvider, other: TenantProvider): boolean => one === other || isDeepStrictEqual(one, other);

export const createOwnLines = ({ make, clock, onTrouble, most = defaultMost }: OwnLinesDependencies): OwnLines => {
  const lines = createOpenLines(most, clock, onTrouble);
  const pending = new Map<string, Pending>();
  const broken = new Map<string, Broken>();

  const refuse = (key: string, { scoped, stored }: OwnLineOf, error: unknown): Wait => {
    onTrouble(error);
    const untilMs = clock.now() + brokenMs;
    const wait: Wait = { reason: "account_rejected", detail: `${scoped} cannot be used: ${messageOf(error)}`, untilMs };
    if (broken.size >= mostBroken) broken.clear();
    broken.set(key, { stored, wait });
    return wait;
  };
  const open = (key: string, of: OwnLineOf): Promise<OpenLine | Wait> => {
    const { stored } = of;
    const made = make(of)
      .then(
        (parts): OpenLine | Wait => {
          broken.delete(key);
          return lines.put(key, parts, stored);
        },
        (error: unknown) => refuse(key, of, error),
      )
      .finally(() => pending.delete(key));
    pending.set(key, { stored, made });
    return made;
  };
  const take = (of: OwnLineOf): MaybePromise<OwnUse | Wait> => {
    const key = keyOf(of);
    const line = lines.get(key);
    if (line && isSame(line.stored, of.stored)) {
      line.stored = of.stored;
      return lines.begin(key, line);
    }
    const failed = broken.get(key);
    if (failed && isSame(failed.stored, of.stored) && clock.now() < failed.wait.untilMs) return failed.wait;
    const opening = pending.get(key);
    if (!opening && !lines.makeRoom(pending.size))
      return { reason: "provider_throttled", detail: "too many providers of tenants are in use", untilMs: clock.now() + 1_000 };
    const { stored } = opening ?? of;
    return (opening?.made ?? open(key, of)).then((made): MaybePromise<OwnUse | Wait> => {
      if ("routed" in made) return !made.retired && isSame(made.stored, of.stored) ? lines.begin(key, made) : take(of);
      // of two changes that follow each other quickly, the second waits for the first
      return isSame(stored, of.stored) ? made : take(of);
    });
  };
  return {
    take,
    find: (scoped, channel) => lines.get(keyOf({ scoped, channel }))?.routed,
    close: async () => {
      await Promise.all([...pending.values()].map(({ made }) => made));
      await lines.close();
    },
  };
};
