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

/** Logs changes of state: one line when something starts to fail, one at intervals while it fails, one when it has recovered. */
export interface TroubleLog {
  /**
   * `part` names the failing part, such as a queue or a job. All parts that need an unavailable server count as one trouble: the server's.
   */
  note(part: string, error: unknown): void;
  stop(): void;
}

/** Failing parts retry within 30 s, so a part that is silent for longer has recovered. */
const quietMs = 45_000;
const remindEveryMs = 300_000;
/** Most kinds of trouble that are distinguished at once; further ones share one kind. */
const mostKinds = 500;

interface Trouble {
  readonly sinceMs: number;
  lastMs: number;
  loggedMs: number;
  count: number;
  unlogged: number;
}

/** An uninterrupted period of failures: of one part, or of everything that needs a server. */
interface Outage {
  readonly kinds: Map<string, Trouble>;
  readonly parts: Set<string>;
}

/** Errors of one kind differ only in numbers, ids and addresses. */
const kindOf = (error: unknown): string => {
  const code = error instanceof CarillonError ? error.code : "";
  return `${code} ${messageOf(error)
    .replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}|\d+/g, "#")
    .slice(0, 200)}`;
};

/** The unavailable server, as named by the error or its message. */
const serverOf = (error: unknown): string | undefined =>
  error instanceof CarillonError && error.code === "UNAVAILABLE"
    ? (error.server ?? /\bconnect E[A-Z]+ (\S+:\d+)/.exec(messageOf(error))?.[1])
    : undefined;

/** Logs the troubles of one Carillon instance. Returns a function that stops it. */
export const logTroubles = (origin: Origin, dependencies: TroubleLogDependencies): (() => void) => {
  const troubles = createTroubleLog(dependencies);
  const end = diagnostics.trouble.subscribe(origin, ({ where, error }) => {
    // the disk room logs this error once
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
      logger.warn({ where, ...(parts.size > 1 ? { parts: parts.size } : {}), times, lastedMs: lastMs - sinceMs }, "recovered");
    }
    if (outages.size > 0) cancel = clock.after(quietMs / 3, endQuiet);
  };
  const log = (where: string, error: unknown, { count, unlogged }: Trouble): void => {
    const retried = error instanceof CarillonError && error.retryable;
    const stack = !retried && count === 1 && error instanceof Error ? { stack: mask(error.stack ?? "") } : {};
    const repeats = count > 1 ? { times: count, sinceLastLine: unlogged } : {};
    const state = count > 1 ? "still failing" : "failed";
    logger.warn({ where, err: mask(messageOf(error)), ...repeats, ...stack }, retried ? `${state}: Carillon will retry` : state);
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
      // every queue reports an unavailable server in its own words
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
