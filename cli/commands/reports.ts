import { type Command, InvalidArgumentError } from "commander";
import { inWords } from "../../channels/in-words.js";
import { encoderOf, type Format, formats } from "../../reports/export/formats.js";
import { tableFor } from "../../reports/export/tables.js";
import { wordsOfIssue } from "../../reports/parameters.js";
import { type SummaryRow, summaryParameters } from "../../reports/summary.js";
import { counted } from "../../schemas/counted.js";
import { CarillonError } from "../../schemas/errors.js";
import { dimensions } from "../../stores/lineage-store/dimensions.js";
import { type CollectionName, collectionNames } from "../../stores/lineage-store/lineage-store.js";
import type { Analysis } from "../deployment/deployment.js";
import { withDeployment } from "../deployment/open-deployment.js";
import { openPart, toParquet } from "../export-part.js";
import { exportPathOf } from "../export-path.js";
import { paint } from "../palette.js";
import { createProgress, say, sayAside, sayJson, spanOf, table } from "../print.js";

const share = (value: number | null): string => (value === null ? "–" : `${(value * 100).toFixed(1)}%`);
const span = (ms: number | undefined): string => (ms === undefined ? "–" : spanOf(ms));

const costsOf = ({ costs }: Pick<SummaryRow, "costs">): string =>
  Object.entries(costs)
    .map(([name, amount]) => `${amount} ${name}`)
    .join(", ");

const rowOf = (row: SummaryRow, by: readonly string[]): string[] => [
  ...by.map((field) => row.by[field] ?? "none"),
  String(row.messages),
  String(row.statuses.delivered ?? 0),
  share(row.deliveryRate),
  String(row.statuses.failed ?? 0),
  String(row.statuses.expired ?? 0),
  span(row.sendLatencyMs?.p95),
  span(row.deliveryLatencyMs?.p50),
  span(row.deliveryLatencyMs?.p95),
  costsOf(row),
];

const addSummary = (parent: Command): void => {
  const command = parent.command("summary").description("summarize messages by status, latency and cost");
  command
    .option("--from <time>", "start: 2026-11-21, today, yesterday, -24h, -7d", "-24h")
    .option("--to <time>", "end, exclusive", "now")
    .option("--by <fields>", `group by: ${dimensions.join(", ")}, hour, day`, "")
    .option("--json", "print JSON");
  for (const dimension of dimensions) command.option(`--${dimension} <values>`, "filter by these values, separated by commas");
  command.action((options: Record<string, string> & { json?: boolean }, own: Command) =>
    withDeployment(own, async ({ analysis }) => {
      const { json, ...given } = options;
      const parameters = { ...given, show: "statuses,latency,costs,reasons" };
      const parsed = summaryParameters.safeParse(parameters);
      if (!parsed.success) {
        const problems = parsed.error.issues.map((issue) => `--${String(issue.path[0])} ${wordsOfIssue(issue, parameters)}`);
        throw new CarillonError("INPUT_INVALID", problems.join("; "), { fix: "see carillon reports summary --help" });
      }
      const summary = await analysis.summarize(parameters);
      if (json) return sayJson(summary);
      const { by } = parsed.data;
      const head = [
        ...by,
        "messages",
        "delivered",
        "delivery rate",
        "failed",
        "expired",
        "sent p95",
        "delivered p50",
        "delivered p95",
        "cost",
      ];
      const rows = by.length === 0 ? [] : summary.rows.map((row) => rowOf(row, by));
      say(table([head, ...rows, [...by.map((_, index) => (index === 0 ? "total" : "")), ...rowOf(summary.total, [])]]));
      const reasons = Object.entries(summary.total.reasons).sort(([, one], [, other]) => other - one);
      if (reasons.length > 0) say(`\nnot delivered: ${reasons.map(([reason, count]) => `${reason} ${count}`).join(", ")}`);
      say(paint.dim(`\nresolution ${summary.unit}, from ${summary.from} to ${summary.to}, ${summary.timeZone}`));
    }),
  );
};

const addUsage = (parent: Command): void => {
  parent
    .command("usage")
    .description("count the messages of each day, tenant and channel")
    .option("--tenant <tenant>", "only messages of this tenant")
    .option("--from <time>", "first day: 2026-11-01, today, yesterday, -30d", "-30d")
    .option("--to <time>", "end, whose day is included", "now")
    .option("--json", "print JSON")
    .action(({ json, ...given }: Record<string, string> & { json?: boolean }, command: Command) =>
      withDeployment(command, async ({ analysis }) => {
        const usage = await analysis.usage(given);
        if (json) return sayJson(usage);
        const columns = [
          "day",
          "tenant",
          "channel",
          "messages",
          "attempts",
          "delivered",
          "failed",
          "expired",
          "suppressed",
          "cancelled",
        ] as const;
        const rows = usage.items.map((row) => [...columns.map((name) => String(row[name])), costsOf(row)]);
        say(table([[...columns, "cost"], ...rows]));
        say(paint.dim(`\ndays of ${usage.timeZone}`));
      }),
    );
};

interface ExportOptions {
  readonly format: Format;
  readonly filter?: string;
  readonly lineage?: boolean;
  readonly out?: string;
  readonly json?: boolean;
}

const exportTo = async (analysis: Analysis, collection: CollectionName, options: ExportOptions, out: string): Promise<number> => {
  const { filter } = options;
  // checked before the file is created, so that a refused filter leaves no file
  const total = await analysis.count(collection, filter);
  const part = openPart(out, JSON.stringify([collection, options.format, options.filter ?? "", options.lineage ?? false]));
  const { cursor, before, rows } = part.current();
  if (rows > 0) sayAside(`resuming after ${counted(rows, "row")}`);
  const encoder = encoderOf(options.format === "parquet" ? "ndjson" : options.format, tableFor(collection), rows > 0);
  const progress = createProgress("exported");
  const question = { collection, filter, after: cursor, before: new Date(before), lineage: options.lineage ?? false };
  for await (const page of analysis.pages(question)) {
    part.add(encoder.page(page.documents), page.documents.length, page.cursor);
    progress.at(part.current().rows, total);
  }
  progress.end();
  const done = part.current().rows;
  if (options.format === "parquet") await toParquet(part.file, out, collection);
  else part.end(encoder.end());
  return done;
};

const formatOf = (text: string): Format => {
  const found = formats.find((format) => format === text);
  if (!found) throw new InvalidArgumentError(`Give one of ${formats.join(", ")}.`);
  return found;
};

const addExport = (parent: Command): void => {
  parent
    .command("export <collection>")
    .description(`export a collection into a file: ${collectionNames.join(", ")}`)
    .option("--format <format>", `format: ${inWords(formats)}`, formatOf, "csv")
    .option("--filter <json>", "a MongoDB filter in extended JSON")
    .option("--lineage", "include every step (ndjson only)")
    .option("--out <file>", "output file; repeat the command to resume an interrupted export")
    .option("--json", "print JSON: the file and the number of rows")
    .action((name: string, options: ExportOptions, command: Command) =>
      withDeployment(command, async ({ analysis }) => {
        const collection = collectionNames.find((known) => known === name);
        if (!collection)
          throw new CarillonError("NOT_FOUND", `unknown collection ${name}`, { fix: `give one of ${collectionNames.join(", ")}` });
        if (options.lineage && options.format !== "ndjson")
          throw new CarillonError("INPUT_INVALID", `${options.format} has one row per message`, {
            field: "--lineage",
            fix: "give --format ndjson",
          });
        const out = exportPathOf(options.out ?? `${collection}.${options.format}`);
        const rows = await exportTo(analysis, collection, options, out);
        if (options.json) return sayJson({ file: out, rows });
        say(`${counted(rows, "row")} in ${out}`);
      }),
    );
};

const addRebuild = (parent: Command): void => {
  parent
    .command("rebuild")
    .description("recount all messages; on MongoDB, first stop all processes that run record/lineage, then run it without --url")
    .option("--json", "print JSON")
    .action(({ json }: { json?: boolean }, command: Command) =>
      withDeployment(command, async ({ analysis }) => {
        const progress = createProgress("counted");
        const documents = await analysis.rebuild(progress.at);
        progress.end();
        if (json) return sayJson({ messages: documents });
        say(`${counted(documents, "message")} counted`);
      }),
    );
};

export const addReportsCommand = (program: Command): void => {
  const parent = program.command("reports").description("summarize, export and recount messages");
  addSummary(parent);
  addUsage(parent);
  addExport(parent);
  addRebuild(parent);
};
