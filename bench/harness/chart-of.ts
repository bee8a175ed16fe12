import { barChart, lineChart } from "./chart.js";
import type { BenchmarkResult } from "./result.js";

/** Readable names of measures. */
const readable = (measure: string): string =>
  measure.replace(/([A-Z])/g, (letter) => ` ${letter.toLowerCase()}`).replace(/ per second$/, " per second");

/** The chart of a result: its lines, or its first measure with one bar per contestant. */
export const chartOf = ({ name, work, contestants, lines }: BenchmarkResult): string => {
  if (lines) return lineChart(`${name}: ${lines.yUnit}`, lines.xUnit, work, lines.of, lines.logX);
  const [measure = ""] = Object.keys(contestants[0]?.measures ?? {});
  return barChart(
    `${name}: ${readable(measure)}`,
    work,
    contestants.map((contestant) => ({
      name: contestant.name,
      value: contestant.measures[measure] ?? 0,
      ours: contestant.name.startsWith("Carillon"),
    })),
  );
};
