import { diagnostics, type Origin } from "../../engine/diagnostics.js";
import { CarillonError, messageOf } from "../../schemas/errors.js";
import type { Mask } from "../../schemas/secret-mask.js";
import type { Clock } from "../../stores/clock.js";
import type { Logger } from "./logger.js";

export interface TroubleLogDependencies {
  readonly logger: Pick<Logger, "warn" | "info">;
  readonly clock: Pick<Clock, "now" | "after">;
  readonly mask: Mask;
}

/** Logs changes of state: a line when something begins to fail, one now and then while it does, one when it is well again. */
export interface TroubleLog {
  /** `part` names what fails, such as a queue or a job. All parts that need a server which is away are one trouble: the server's. */
  note(part: string, error: unknown): void;
  stop(): void;
}

/** The parts that retry do so within 30 s: one that has been quiet for longer than that is well again. */
const quietMs = 45_000;
const remindEveryMs = 300_000;
/** Kinds of trouble that are told apart at once; more are counted as one. */
const mostKinds = 500;

interface Trouble {
  readonly sinceMs: number;
  lastMs: number;
  loggedMs: number;
  count: number;
  unlogged: number;
}

/** What failed since all was well: one part, or everything that needs a server. */
interface Outage {
  readonly kinds: Map<string, Trouble>;
  readonly parts: Set<string>;
}

/** Errors of one kind differ in numbers, ids and addresses alone. */
const kindOf = (error: unknown): string => {
  const code = error instanceof CarillonError ? error.code : "";
  return `${code} ${messageOf(error)
    .replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}|\d+/g, "#")
    .slice(0, 200)}`;
};

/** The server that is away, as the error or its words name it. */
const serverOf = (error: unknown): string | undefined =>
  error instanceof CarillonError && error.code === "UNAVAILABLE"
    ? (error.server ?? /\bconnect E[A-Z]+ (\S+:\d+)/.exec(messageOf(error))?.[1])
    : undefined;

/** Logs the troubles of one Carillon. Returns what ends that. */
export const logTroubles = (origin: Origin, dependencies: TroubleLogDependencies): (() => void) => {
  const troubles = createTroubleLog(dependencies);
  const end = diagnostics.trouble.subscribe(origin, ({ where, error }) => {
    // its room logs it once
    if (!(error instanceof CarillonError && error.code === "DISK_FULL")) troubles.note(where, error);
  });
  return () => {
    end();
    troubles.stop();
  };
};

export const createTroubleLog = ({ logger, clock, mask }: TroubleLogDependencies): TroubleLog => {
  const outages = new Map<string, Outage>();
  let cancel: (() => void) | undefined;

  const endQuiet = (): void => {
    cancel = undefined;
    const nowMs = clock.now();
    for (const [where, { kinds, parts }] of outages) {
      const all = [...kinds.values()];
      const lastMs = Math.max(...all.map((trouble) => trouble.lastMs));
      if (nowMs - lastMs < quietMs) continue;
      outages.delete(where);
      const sinceMs = Math.min(...all.map((trouble) => trouble.sinceMs));
      const times = all.reduce((sum, { count }) => sum + count, 0);
      logger.warn({ where, ...(parts.size > 1 ? { parts: parts.size } : {}), times, lastedMs: lastMs - sinceMs }, "well again");
    }
    if (outages.size > 0) cancel = clock.after(quietMs / 3, endQuiet);
  };
  const log = (where: string, error: unknown, { count, unlogged }: Trouble): void => {
    const retried = error instanceof CarillonError && error.retryable;
    const stack = !retried && count === 1 && error instanceof Error ? { stack: mask(error.stack ?? "") } : {};
    const repeats = count > 1 ? { times: count, sinceLastLine: unlogged } : {};
    const state = count > 1 ? "trouble goes on" : "trouble";
    logger.warn({ where, err: mask(messageOf(error)), ...repeats, ...stack }, retried ? `${state}: it will be tried again` : state);
  };
  return {
    note: (part, error) => {
      const nowMs = clock.now();
      const server = serverOf(error);
      const where = mask(server ?? part);
      const outage = outages.get(where) ?? { kinds: new Map<string, Trouble>(), parts: new Set<string>() };
      outages.set(where, outage);
      outage.parts.add(part);
      const { kinds } = outage;
      // every queue meets a server that is away in words of its own
      const kind = server !== undefined ? "away" : kinds.size < mostKinds ? kindOf(error) : "others";
      const known = kinds.get(kind);
      const trouble = known ?? { sinceMs: nowMs, lastMs: nowMs, loggedMs: nowMs, count: 0, unlogged: 0 };
      kinds.set(kind, trouble);
      trouble.lastMs = nowMs;
      trouble.count += 1;
      trouble.unlogged += 1;
      cancel ??= clock.after(quietMs / 3, endQuiet);
      if (known && nowMs - trouble.loggedMs < remindEveryMs) return;
      log(where, error, trouble);
      trouble.loggedMs = nowMs;
      trouble.unlogged = 0;
    },
    stop: () => cancel?.(),
  };
};
