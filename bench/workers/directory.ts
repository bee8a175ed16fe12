import type { ImportOptions, ImportReport } from "../../directory/import-list.js";
import { importUsers } from "../../directory/import-users.js";
import { listMembers, listUsers, type PageRequest } from "../../directory/list-pages.js";
import { importMembers } from "../../directory/memberships.js";
import { systemClock } from "../../stores/clock.js";
import { createLmdbDirectory } from "../../stores/directory/lmdb-directory.js";
import { openEnvironment } from "../../stores/lmdb-environment.js";
import { createLmdbSubscriptions } from "../../stores/subscriptions/lmdb-subscriptions.js";
import { quantile } from "../harness/result.js";

/** Users and members of one group in the embedded store: imported from a stream, then listed by cursor. */
export interface DirectoryWorker {
  readonly folder: string;
  readonly count: number;
  /** Items of one page. */
  readonly limit: number;
}

/** A line for each tenth of an import, and one at the end of each part. */
export interface DirectoryLine {
  readonly part: "users" | "members";
  readonly imported?: number;
  readonly importedPerSecond?: number;
  readonly pages?: number;
  readonly listP50Ms?: number;
  readonly listP99Ms?: number;
}

const { folder, count, limit } = JSON.parse(process.argv[2] ?? "{}") as DirectoryWorker;
const environment = openEnvironment(folder);
const directory = createLmdbDirectory(environment, systemClock);
const subscriptions = createLmdbSubscriptions(environment, systemClock);
const tenant = "acme";
const key = { tenant, group: "news" };
const chunkCharacters = 65_536;

const print = (line: DirectoryLine): void => console.log(JSON.stringify(line));

/** An upload as HTTP delivers it. It is made while it is read. */
async function* uploadOf(lineOf: (index: number) => unknown): AsyncGenerator<Buffer> {
  let text = "";
  for (let index = 0; index < count; index += 1) {
    text += `${JSON.stringify(lineOf(index))}\n`;
    if (text.length < chunkCharacters) continue;
    yield Buffer.from(text);
    text = "";
  }
  yield Buffer.from(text);
}

const userOf = (index: number) => ({
  id: `user-${index}`,
  addresses: { email: `user-${index}@example.com`, sms: `+1415555${String(index % 10_000).padStart(4, "0")}` },
  locale: "en-US",
  timeZone: "America/New_York",
  attributes: { plan: index % 3 === 0 ? "gold" : "free", age: index % 90 },
});

const importing = async (part: DirectoryLine["part"], run: (options: ImportOptions) => Promise<ImportReport>): Promise<void> => {
  const beginMs = performance.now();
  let nextShare = 1;
  const report = await run({
    spool: { folder, mostBytes: 0 },
    onProgress: ({ imported }) => {
      if (imported < (count * nextShare) / 10) return;
      nextShare += 1;
      print({ part, imported });
    },
  });
  if (report.imported !== count) throw new Error(`imported ${report.imported} of ${count}: ${report.error?.message}`);
  print({ part, importedPerSecond: (count / (performance.now() - beginMs)) * 1_000 });
};

const listing = async (
  part: DirectoryLine["part"],
  read: (page: PageRequest) => Promise<{ readonly items: readonly unknown[]; readonly cursor: string | null } | undefined>,
): Promise<void> => {
  const times: number[] = [];
  let listed = 0;
  for (let cursor: string | undefined; ; ) {
    const beginMs = performance.now();
    const page = await read({ limit, cursor });
    times.push(performance.now() - beginMs);
    listed += page?.items.length ?? 0;
    if (!page?.cursor) break;
    cursor = page.cursor;
  }
  if (listed !== count) throw new Error(`listed ${listed} of ${count}`);
  print({ part, pages: times.length, listP50Ms: quantile(times, 0.5), listP99Ms: quantile(times, 0.99) });
};

await importing("users", (options) => importUsers(directory, { tenant, format: "ndjson", chunks: uploadOf(userOf) }, options));
await subscriptions.putGroups([{ ...key, name: null, attributes: {} }]);
const memberOf = (index: number) => ({ user: `user-${index}`, channels: ["email"] });
await importing("members", (options) =>
  importMembers({ directory, subscriptions }, { ...key, format: "ndjson", chunks: uploadOf(memberOf) }, options),
);
await listing("users", (page) => listUsers(directory, tenant, page));
await listing("members", (page) => listMembers(subscriptions, key, page, Date.now()));
await environment.close();
