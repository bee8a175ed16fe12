import type { LineageStore, MessageDocument } from "../../stores/lineage-store/lineage-store.js";
import type { Phase, Taken } from "./phased-providers.js";

export interface UnhealthyProviderRun {
  /** Messages that each stream's providers accepted in each second since the start. */
  readonly series: ReadonlyMap<string, readonly (readonly [second: number, taken: number])[]>;
  /** Rate of the channels with healthy providers while the other is unhealthy, relative to the rate before. */
  readonly othersShare: number;
  readonly accepted: number;
  readonly lost: number;
  readonly open: number;
  /** Sent more than once after a timeout with an unknown outcome. */
  readonly twiceAmbiguous: number;
  /** Sent more than once without such a reason. */
  readonly twice: number;
  readonly failedOver: number;
  readonly waited: number;
}

type Counts = Pick<UnhealthyProviderRun, "lost" | "open" | "twice" | "twiceAmbiguous" | "failedOver" | "waited">;

/** The fate of one message, as names that can be counted. */
const fateOf = (document: MessageDocument | undefined, sends: number): readonly (keyof Counts)[] => {
  const outcomes = new Set(document?.lineage.map(({ stage, outcome }) => `${stage} ${outcome}`));
  const ambiguous = outcomes.has("dispatch ambiguous");
  const holds: Readonly<Record<keyof Counts, boolean>> = {
    lost: sends === 0,
    open: document?.final !== true,
    twiceAmbiguous: sends > 1 && ambiguous,
    twice: sends > 1 && !ambiguous,
    failedOver: outcomes.has("retry failed_over"),
    waited: outcomes.has("dispatch deferred"),
  };
  return (Object.keys(holds) as (keyof Counts)[]).filter((name) => holds[name]);
};

/** Excludes the start, which is not representative. */
const warmUpMs = 2_000;

/** Sums up the accepted calls and the lineage of the messages with these IDs. */
export const tally = async (
  phases: readonly Phase[],
  begin: number,
  ids: readonly string[],
  taken: readonly Taken[],
  find: LineageStore["find"],
): Promise<UnhealthyProviderRun> => {
  const sends = new Map<string, number>();
  for (const { messageId } of taken) sends.set(messageId, (sends.get(messageId) ?? 0) + 1);
  const fates = (await Promise.all(ids.map(async (id) => fateOf(await find(id), sends.get(id) ?? 0)))).flat();
  const count = (name: keyof Counts): number => fates.filter((fate) => fate === name).length;
  const [first] = phases;
  const illUntil = phases.slice(0, -1).reduce((sum, { forMs }) => sum + forMs, 0);
  const others = taken.filter(({ stream }) => stream === "email" || stream === "push").map(({ atMs }) => atMs - begin);
  const rate = (fromMs: number, toMs: number): number => others.filter((ms) => ms >= fromMs && ms < toMs).length / (toMs - fromMs);
  const seconds = Math.ceil(Math.max(...taken.map(({ atMs }) => atMs - begin)) / 1_000);
  const seriesOf = (name: string): [number, number][] => {
    const own = taken.filter(({ stream }) => stream === name).map(({ atMs }) => Math.floor((atMs - begin) / 1_000));
    return Array.from({ length: seconds + 1 }, (_, second) => [second, own.filter((one) => one === second).length]);
  };
  return {
    series: new Map([...new Set(taken.map(({ stream }) => stream))].sort().map((name) => [name, seriesOf(name)])),
    othersShare: rate(first?.forMs ?? 0, illUntil) / rate(warmUpMs, first?.forMs ?? 0),
    accepted: ids.length,
    lost: count("lost"),
    open: count("open"),
    twice: count("twice"),
    twiceAmbiguous: count("twiceAmbiguous"),
    failedOver: count("failedOver"),
    waited: count("waited"),
  };
};
