import { messageOf } from "../harness/preload.js";
import { atScale, type Benchmark, type BenchmarkContext, type Contestant } from "../harness/result.js";
import { between, type ProfileName, runThrough } from "../harness/run-through.js";

/** The factors: 1, 10 and 100 times. */
const factors = [1, 10, 100] as const;
const leastBacklog = 2_000;
const leastKeys = 100;
const leastHistory = 1_000;
/** Number of messages if the grown dimension is another one. */
const steady = 10_000;

type Dimension = "backlog" | "keys" | "history";

/** Microseconds per message, at 1, 10 and 100 times. */
interface Curve {
  readonly name: string;
  readonly points: readonly (readonly [factor: number, microseconds: number])[];
}

const workOf = (dimension: Dimension, factor: number, scale: number) => {
  if (dimension === "backlog") return { count: atScale(leastBacklog * factor, scale), before: atScale(leastBacklog, scale) };
  if (dimension === "history") return { count: atScale(steady, scale), before: atScale(leastHistory * factor, scale) };
  const keys = leastKeys * factor;
  return {
    count: atScale(steady, scale),
    before: atScale(leastBacklog, scale),
    message: (index: number) => messageOf(index, { to: `device-${index % keys}` }),
  };
};

const curveOf = async (context: BenchmarkContext, profile: ProfileName, dimension: Dimension): Promise<Curve> => {
  const points: [number, number][] = [];
  for (const factor of factors) {
    const name = `${profile}, ${factor} times the ${dimension}`;
    const samples = await runThrough(context, profile, { name, ...workOf(dimension, factor, context.scale) });
    points.push([factor, 1_000_000 / between(samples, 0, 1).perSecond]);
  }
  return { name: `${profile}: ${dimension}`, points };
};

export const growth: Benchmark = {
  name: "growth",
  work: "time of a process per message, at 1, 10 and 100 times the backlog, keys and history, compared with itself in the same run",
  servers: ["KAFKA", "REDIS", "MONGO", "REGISTRY"],
  run: async (context) => {
    const curves: Curve[] = [];
    for (const profile of ["embedded", "cluster"] as const)
      for (const dimension of ["backlog", "keys", "history"] as const) curves.push(await curveOf(context, profile, dimension));
    const at = ({ points }: Curve, factor: number): number => points.find(([own]) => own === factor)?.[1] ?? Number.NaN;
    return {
      contestants: curves.map(
        (curve): Contestant => ({
          name: `Carillon, ${curve.name}`,
          measures: { microsecondsAt100: at(curve, 100), microsecondsAt10: at(curve, 10), microsecondsAt1: at(curve, 1) },
        }),
      ),
      ratios: curves.map((curve) => ({
        name: `${curve.name}: 100 times / once`,
        value: at(curve, 100) / at(curve, 1),
        aim: 1.25,
        atLeast: false,
      })),
      lines: {
        xUnit: "factor",
        yUnit: "microseconds per message",
        logX: true,
        of: curves.map(({ name, points }) => ({ name, points, ours: true })),
      },
      notes: [
        `Backlog: ${atScale(leastBacklog, context.scale)} queued messages and more. Keys: ${leastKeys} recipients and more, among ${atScale(steady, context.scale)} messages. History: ${atScale(leastHistory, context.scale)} messages and more before ${atScale(steady, context.scale)}.`,
        `The first ${atScale(leastBacklog, context.scale)} (history: all earlier ones) warm up the process and are not counted.`,
      ],
    };
  },
};
