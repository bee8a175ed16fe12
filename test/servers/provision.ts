import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { aws } from "./aws.js";
import { dockerRuns, startByCompose } from "./docker.js";
import { kafka } from "./kafka.js";
import { mongo } from "./mongo.js";
import { redis } from "./redis.js";
import { registry } from "./registry.js";
import type { ServerKind } from "./server.js";
import { cacheFolder, withLock } from "./shell.js";

export const serverKinds: readonly ServerKind[] = [kafka, redis, mongo, registry, aws];

export interface Provisioned {
  /** Addresses by variable name (`CARILLON_TEST_KAFKA` …). */
  readonly addresses: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

const say = (line: string): void => {
  process.stderr.write(`servers: ${line}\n`);
};

const timed = async <T>(what: string, task: () => Promise<T>): Promise<T> => {
  const begin = Date.now();
  const result = await task();
  const seconds = (Date.now() - begin) / 1000;
  if (seconds > 1) say(`${what} (${seconds.toFixed(1)} s)`);
  return result;
};

/** Installation folder of a kind of server. */
export const folderOf = (kind: Pick<ServerKind, "name">): string => join(cacheFolder(), kind.name.replaceAll(" ", "-").toLowerCase());

const startNatively = async (kinds: readonly ServerKind[]): Promise<Provisioned> => {
  const data = await mkdtemp(join(tmpdir(), "carillon-servers-"));
  const progress = setInterval(() => say("still working …"), 20_000);
  const stops: (() => Promise<void>)[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all(stops.map((one) => one()));
    await rm(data, { recursive: true, force: true });
  };
  try {
    const addresses = await Promise.all(
      kinds.map(async (kind) => {
        const folder = folderOf(kind);
        await mkdir(folder, { recursive: true });
        await withLock(folder, () => timed(`${kind.name} installed`, () => kind.install(folder)));
        const server = await timed(`${kind.name} started`, () => kind.start(folder, join(data, kind.variable)));
        stops.push(server.stop);
        return [kind.variable, server.address] as const;
      }),
    );
    return { addresses: Object.fromEntries(addresses), stop };
  } catch (error) {
    await stop();
    throw error;
  } finally {
    clearInterval(progress);
  }
};

/**
 * Addresses of the real servers: those in the environment; else Docker's if an engine runs; else installed and started natively (cached
 * between runs). Never skips: an unavailable server is an error.
 */
export const provision = async (kinds: readonly ServerKind[] = serverKinds): Promise<Provisioned> => {
  const given = Object.fromEntries(
    kinds.flatMap(({ variable }) => {
      const value = process.env[variable];
      return value ? [[variable, value] as const] : [];
    }),
  );
  const missing = kinds.filter(({ variable }) => !(variable in given));
  if (missing.length === 0) return { addresses: given, stop: async () => undefined };
  const native = process.env.CARILLON_TEST_NATIVE === "1" || !(await dockerRuns());
  say(`${native ? "starting natively" : "starting by Docker"}: ${missing.map((kind) => kind.name).join(", ")}`);
  const started = native ? await startNatively(missing) : await startByCompose(missing.map((kind) => kind.variable));
  return { addresses: { ...given, ...started.addresses }, stop: started.stop };
};
