import { wrapText } from "../../docs/wrap-text.js";
import { type BenchmarkResult, meetsAim, type Ratio } from "./result.js";

const shown = (value: number): string =>
  value >= 100 ? Math.round(value).toLocaleString("en-US") : value >= 10 ? value.toFixed(1) : value.toFixed(2);

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
    `## ${result.name}`,
    "",
    wrapText(`${result.work[0]?.toUpperCase()}${result.work.slice(1)}.`),
    "",
    `![${result.name}](images/bench-${result.name}.svg)`,
    "",
    `| | ${measures.join(" | ")} |`,
    `| --- | ${measures.map(() => "---:").join(" | ")} |`,
    ...rows,
    "",
    "| ratio | value | aim | |",
    "| --- | ---: | --- | --- |",
    ...ratios,
    "",
    ...result.notes.map((note) => wrapText(`- ${note}`, "  ")),
    wrapText(
      `- ${result.date}, ${result.machine}, at ${result.scale} of the full work${runs > 1 ? `, medians of ${runs} runs` : ""}: \`npm run bench -- ${result.name} --scale ${result.scale}${runs > 1 ? ` --runs ${runs}` : ""}\`.`,
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
