import { wrapText } from "../../docs/wrap-text.js";
import { type BenchmarkResult, meetsAim, type Ratio } from "./result.js";

const shown = (value: number): string =>
  value >= 100 ? Math.round(value).toLocaleString("en-US") : value >= 10 ? value.toFixed(1) : value.toFixed(2);

const units: readonly (readonly [suffix: RegExp, unit: string])[] = [
  [/PerSecond$/, "/s"],
  [/Microseconds$/, "µs"],
  [/microsecondsAt(\d+)$/, "µs at $1"],
  [/Ms$/, "ms"],
  [/Mb$/, "MB"],
  [/Percent$/, "%"],
  [/Bytes$/, "bytes"],
];

const spelt: Readonly<Record<string, string>> = { cpu: "CPU", api: "API", mongo: "MongoDB", redis: "Redis" };
const wordsOf = (name: string): string =>
  name
    .replace(/[A-Z]+/g, (letters) => ` ${letters.toLowerCase()}`)
    .trim()
    .replace(/\w+/g, (word) => spelt[word] ?? word);

/** A measure's name in words, with its unit: `deliveryLatencyMs` is "delivery latency (ms)". */
const headingOf = (measure: string): string => {
  for (const [suffix, unit] of units) {
    const found = suffix.exec(measure);
    if (!found) continue;
    const name = wordsOf(measure.slice(0, found.index));
    const shownUnit = found[0].replace(suffix, unit);
    return name === "" ? shownUnit : shownUnit === "/s" ? `${name}/s` : `${name} (${shownUnit})`;
  }
  return wordsOf(measure);
};

const scaleOf = (scale: number): string => (scale === 1 ? "at full scale" : `at ${scale} of the full work`);

/** Long numbers in notes get separators of thousands. */
const withSeparators = (note: string): string =>
  note.replace(/(?<![\d.,#:/-])\d{4,}(?![\d.,]*\d|-)/g, (digits) => Number(digits).toLocaleString("en-US"));

const rangeOf = ({ lowest, highest }: Ratio): string =>
  lowest === undefined || highest === undefined ? "" : ` (${lowest.toFixed(2)} to ${highest.toFixed(2)})`;

const section = (result: BenchmarkResult): string => {
  const measures = [...new Set(result.contestants.flatMap((contestant) => Object.keys(contestant.measures)))];
  const rows = result.contestants.map(
    (contestant) =>
      `| ${contestant.name} | ${measures.map((name) => (contestant.measures[name] === undefined ? "" : shown(contestant.measures[name]))).join(" | ")} |`,
  );
  const { runs = 1 } = result;
  const ratios = result.ratios.map(
    (ratio) =>
      `| ${ratio.name} | **${ratio.value.toFixed(2)}**${rangeOf(ratio)} | ${ratio.atLeast ? "≥" : "≤"} ${ratio.aim} | ${meetsAim(ratio) ? "met" : "missed"} |`,
  );
  return [
    `## ${result.name[0]?.toUpperCase()}${result.name.slice(1)}`,
    "",
    wrapText(`${result.work[0]?.toUpperCase()}${result.work.slice(1)}.`),
    "",
    `![${result.name}](images/bench-${result.name}.svg)`,
    "",
    `| | ${measures.map(headingOf).join(" | ")} |`,
    `| --- | ${measures.map(() => "---:").join(" | ")} |`,
    ...rows,
    "",
    "| ratio | value | aim | |",
    "| --- | ---: | --- | --- |",
    ...ratios,
    "",
    ...result.notes.map((note) => wrapText(`- ${withSeparators(note)}`, "  ")),
    wrapText(
      `- ${result.date}, ${result.machine}, ${scaleOf(result.scale)}${runs > 1 ? `, medians of ${runs} runs` : ""}: \`npm run bench -- ${result.name} --scale ${result.scale}${runs > 1 ? ` --runs ${runs}` : ""}\`.`,
      "  ",
    ),
    "",
  ].join("\n");
};

/** The page with all stored results and their remarks. */
export const benchmarksPage = (results: readonly BenchmarkResult[], remarks: string): string =>
  `${[
    "# Benchmarks",
    "",
    wrapText(
      "This page compares Carillon with its peers, for engineers who choose a system or plan its capacity. Each result compares contestants on the same work, in one run, on the same servers, one after another.",
    ),
    "",
    wrapText(
      "Servers, contestants and the measuring program share one machine of two cores. Absolute numbers say little beyond that machine, so compare the ratios. Between runs they vary by a fifth and more. The peers' code is in `bench/peers/`. `npm run bench -- NAME --save` makes this page.",
    ),
    "",
    ...results.map(section),
    remarks,
  ].join("\n")}`;
