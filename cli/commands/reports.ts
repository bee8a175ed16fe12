import {
  createReadStream,
  existsSync,
  fchmodSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { createInterface } from "node:readline";
import { type Command, InvalidArgumentError } from "commander";
import { z } from "zod";
import { encoderOf, type Format, formats } from "../../reports/export/formats.js";
import { tableFor } from "../../reports/export/tables.js";
import { fromExtended } from "../../reports/extended-json.js";
import { wordsOfIssue } from "../../reports/parameters.js";
import { type SummaryRow, summaryParameters } from "../../reports/summary.js";
import { CarillonError } from "../../schemas/errors.js";
import { dimensions } from "../../stores/lineage-store/dimensions.js";
import { type CollectionName, collectionNames, type DocumentOf } from "../../stores/lineage-store/lineage-store.js";
import { privateFileMode } from "../../stores/private-files.js";
import type { Analysis } from "../deployment/deployment.js";
import { withDeployment } from "../deployment/open-deployment.js";
import { exportPathOf } from "../export-path.js";
import { paint } from "../palette.js";
import { createProgress, say, sayAside, sayJson, spanOf, table } from "../print.js";

const share = (value: number | null): string => (value === null ? "–" : `${(value * 100).toFixed(1)}%`);
const span = (ms: number | undefined): string => (ms === undefined ? "–" : spanOf(ms));

const rowOf = (row: SummaryRow, by: readonly string[]): string[] => [
  ...by.map((field) => row.by[field] ?? "none"),
  String(row.messages),
  String(row.statuses.delivered ?? 0),
  share(row.deliveredShare),
  String(row.statuses.failed ?? 0),
  String(row.statuses.expired ?? 0),
  span(row.toSentMs?.p95),
  span(row.toDeliveredMs?.p50),
  span(row.toDeliveredMs?.p95),
  Object.entries(row.costs)
    .map(([name, amount]) => `${amount} ${name}`)
    .join(", "),
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

/** `before`: messages accepted later are not part of the export. */
const partShape = z.object({
  cursor: z.string().optional(),
  rows: z.number().int().min(0),
  bytes: z.number().int().min(0),
  before: z.iso.datetime(),
  question: z.string(),
});

type Part = z.output<typeof partShape>;

/** The progress of an interrupted export; undefined if there is none. */
const keptPart = (notes: string): Part | undefined => {
  if (!existsSync(notes)) return undefined;
  try {
    return partShape.parse(JSON.parse(readFileSync(notes, "utf8")));
  } catch (error) {
    throw new CarillonError("INPUT_INVALID", `${notes} does not hold the progress of the export`, {
      cause: error,
      fix: "remove it to start the export again",
    });
  }
};

/** Opens a file with private permissions. Use writeFileSync on it: on a full disk writeSync writes only part, without an error. */
const openPrivate = (file: string, flags: "a" | "w"): number => {
  const handle = openSync(file, flags, privateFileMode);
  fchmodSync(handle, privateFileMode);
  return handle;
};

/** An unfinished export: its file and its progress. */
const openPart = (out: string, question: string) => {
  const [file, notes] = [`${out}.part`, `${out}.part.json`];
  const kept = existsSync(file) ? keptPart(notes) : undefined;
  // a file shorter than its recorded progress lost its end in a crash: the gap would be filled with zeros
  const goesOn = kept?.question === question && statSync(file).size >= kept.bytes;
  let part: Part = goesOn && kept ? kept : { cursor: undefined, rows: 0, bytes: 0, before: new Date().toISOString(), question };
  if (goesOn) truncateSync(file, part.bytes);
  const handle = openPrivate(file, goesOn ? "a" : "w");
  return {
    file,
    current: () => part,
    add: (bytes: Uint8Array, rows: number, cursor: string): void => {
      writeFileSync(handle, bytes);
      part = { ...part, cursor, rows: part.rows + rows, bytes: part.bytes + bytes.length };
      writeFileSync(notes, JSON.stringify(part));
    },
    end: (bytes: Uint8Array): void => {
      writeFileSync(handle, bytes);
      renameSync(file, out);
      rmSync(notes, { force: true });
    },
  };
};

/** Documents of an NDJSON file, `size` at a time. */
const pagesOf = async function* (file: string, size: number): AsyncGenerator<DocumentOf<CollectionName>[]> {
  let page: DocumentOf<CollectionName>[] = [];
  for await (const line of createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY })) {
    page.push(fromExtended(line) as DocumentOf<CollectionName>);
    if (page.length < size) continue;
    yield page;
    page = [];
  }
  if (page.length > 0) yield page;
};

const rowsPerGroup = 10_000;

/** Parquet files cannot be continued: the export is collected as NDJSON and converted at the end. */
const toParquet = async (file: string, out: string, collection: CollectionName): Promise<void> => {
  const encoder = encoderOf("parquet", tableFor(collection));
  const handle = openPrivate(`${out}.turning`, "w");
  for await (const page of pagesOf(file, rowsPerGroup)) writeFileSync(handle, encoder.page(page));
  writeFileSync(handle, encoder.end());
  renameSync(`${out}.turning`, out);
  rmSync(file, { force: true });
  rmSync(`${out}.part.json`, { force: true });
};

interface ExportOptions {
  readonly format: Format;
  readonly filter?: string;
  readonly lineage?: boolean;
  readonly out?: string;
}

const exportTo = async (analysis: Analysis, collection: CollectionName, options: ExportOptions, out: string): Promise<number> => {
  const { filter } = options;
  // checked before the file is created, so that a refused filter leaves no file
  const total = await analysis.count(collection, filter);
  const part = openPart(out, JSON.stringify([collection, options.format, options.filter ?? "", options.lineage ?? false]));
  const { cursor, before, rows } = part.current();
  if (rows > 0) sayAside(`resuming after ${rows.toLocaleString("en")} row${rows === 1 ? "" : "s"}`);
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
    .option("--format <format>", formats.join(", "), formatOf, "csv")
    .option("--filter <json>", "a MongoDB filter in extended JSON")
    .option("--lineage", "include every step (ndjson only)")
    .option("--out <file>", "output file; repeat the command to resume an interrupted export")
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
        say(`${rows.toLocaleString("en")} rows in ${out}`);
      }),
    );
};

const addRebuild = (parent: Command): void => {
  parent
    .command("rebuild")
    .description("recount all messages; on MongoDB, stop all processes that record lineage first (runtime.only)")
    .action((_options: object, command: Command) =>
      withDeployment(command, async ({ analysis }) => {
        const progress = createProgress("counted");
        const documents = await analysis.rebuild(progress.at);
        progress.end();
        say(`${documents.toLocaleString("en")} messages counted`);
      }),
    );
};

export const addReportsCommand = (program: Command): void => {
  const parent = program.command("reports").description("summarize, export and recount messages");
  addSummary(parent);
  addExport(parent);
  addRebuild(parent);
};
