import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MongoClient } from "mongodb";
import { createReports, type Reports } from "../../reports/reports.js";
import { loadConfig } from "../../service/load-config.js";
import { collectionOf, type LineageReader, type MessageDocument } from "../../stores/lineage-store/lineage-store.js";
import { openLmdbDocuments } from "../../stores/lineage-store/lmdb/lmdb-documents.js";
import { createLmdbLineage } from "../../stores/lineage-store/lmdb/lmdb-lineage.js";
import { createWorkerReader } from "../../stores/lineage-store/lmdb/worker-reader.js";
import { createMongoLineage } from "../../stores/lineage-store/mongo/mongo-lineage.js";
import { openEnvironment } from "../../stores/lmdb-environment.js";
import { history } from "../harness/history.js";
import { uniquePrefix } from "../harness/kafka.js";
import { type Ask, dayMs, nowMs, pageQuestions, rollupQuestions } from "../harness/report-questions.js";
import { atScale, type Benchmark, type BenchmarkContext, type Contestant, quantile } from "../harness/result.js";

const fullCount = 1_000_000;
const batch = 2_000;
const rounds = 60;
const warmUps = 3;
const [rollupAimMs, pageAimMs] = [100, 200];

interface Timing {
  readonly p50Ms: number;
  readonly p99Ms: number;
}

const timed = async (ask: Ask, reports: Reports): Promise<Timing> => {
  const spentMs: number[] = [];
  for (let turn = -warmUps; turn < rounds; turn += 1) {
    const begin = performance.now();
    await ask(reports, Math.abs(turn));
    if (turn >= 0) spentMs.push(performance.now() - begin);
  }
  return { p50Ms: quantile(spentMs, 0.5), p99Ms: quantile(spentMs, 0.99) };
};

/** The first query without rollups: an aggregation over the documents. */
const byDocuments = async (reader: LineageReader): Promise<number> => {
  const spentMs: number[] = [];
  const yesterday = Math.floor(nowMs / dayMs) * dayMs - dayMs;
  for (let turn = 0; turn < 5; turn += 1) {
    const begin = performance.now();
    await reader.aggregate("messages_sms", [
      { $match: { template: "otp", region: "IN-KL", acceptedAt: { $gte: new Date(yesterday), $lt: new Date(yesterday + dayMs) } } },
      { $group: { _id: { provider: "$provider", status: "$status" }, messages: { $sum: 1 } } },
    ]);
    spentMs.push(performance.now() - begin);
  }
  return quantile(spentMs, 0.5);
};

interface Measured {
  readonly rollups: Readonly<Record<string, Timing>>;
  readonly pages: Readonly<Record<string, Timing>>;
  readonly byDocumentsMs: number;
}

const measure = async (name: string, reader: LineageReader, { progress }: BenchmarkContext): Promise<Measured> => {
  const reports = createReports(loadConfig({ environment: {} }), reader, { now: () => nowMs });
  const all = async (questions: Readonly<Record<string, Ask>>): Promise<Record<string, Timing>> => {
    const timings: Record<string, Timing> = {};
    for (const [question, ask] of Object.entries(questions)) {
      progress(`${name}: ${question}`);
      timings[question] = await timed(ask, reports);
    }
    return timings;
  };
  return { rollups: await all(rollupQuestions), pages: await all(pageQuestions), byDocumentsMs: await byDocuments(reader) };
};

const onEmbedded = async (context: BenchmarkContext, count: number): Promise<Measured & { readonly fileMb: number }> => {
  const folder = mkdtempSync(join(tmpdir(), "carillon-reports-"));
  const environment = openEnvironment(folder);
  try {
    const documents = openLmdbDocuments(environment.root);
    const lineage = createLmdbLineage(environment);
    let loaded = 0;
    for (const page of history(count, nowMs, batch)) {
      await environment.root.transaction(() => {
        for (const document of page) documents.put(document, undefined);
      });
      loaded += page.length;
      context.progress(`embedded: ${loaded} of ${count} written`);
    }
    await lineage.recount((done) => context.progress(`embedded: ${done} of ${count} counted`));
    const reader = createWorkerReader({ path: environment.path, deadlineMs: 10_000, threads: 3 });
    try {
      return { ...(await measure("embedded", reader, context)), fileMb: statSync(environment.path).size / 1_048_576 };
    } finally {
      await reader.close();
    }
  } finally {
    await environment.close();
    rmSync(folder, { recursive: true, force: true });
  }
};

const onMongo = async (context: BenchmarkContext, count: number): Promise<Measured> => {
  const [url, database] = [context.address("MONGO"), uniquePrefix()];
  const client = await MongoClient.connect(url);
  const lineage = createMongoLineage({ url, database });
  try {
    await lineage.prepare();
    let loaded = 0;
    for (const page of history(count, nowMs, batch)) {
      const byCollection = new Map<string, MessageDocument[]>();
      for (const document of page) {
        const name = collectionOf(document.channel);
        byCollection.set(name, [...(byCollection.get(name) ?? []), document]);
      }
      await Promise.all(
        [...byCollection].map(([name, own]) => client.db(database).collection<MessageDocument>(name).insertMany(own, { ordered: false })),
      );
      loaded += page.length;
      context.progress(`MongoDB's API: ${loaded} of ${count} written`);
    }
    await lineage.recount((done) => context.progress(`MongoDB's API: ${done} of ${count} counted`));
    return await measure("MongoDB's API", lineage, context);
  } finally {
    await client.db(database).dropDatabase();
    await client.close();
    await lineage.close();
  }
};

const slowest = (timings: Readonly<Record<string, Timing>>): number => Math.max(...Object.values(timings).map(({ p99Ms }) => p99Ms));

export const reports: Benchmark = {
  name: "reports",
  work: "the queries of docs/reports.md over a history of messages, by the service that answers them over HTTP, on each store",
  servers: ["MONGO"],
  run: async (context) => {
    const count = atScale(fullCount, context.scale);
    const embedded = await onEmbedded(context, count);
    const mongo = await onMongo(context, count);
    const contestant = (name: string): Contestant => {
      const own = embedded.rollups[name] ?? embedded.pages[name];
      const theirs = mongo.rollups[name] ?? mongo.pages[name];
      return {
        name,
        measures: {
          embeddedP99Ms: own?.p99Ms ?? Number.NaN,
          embeddedP50Ms: own?.p50Ms ?? Number.NaN,
          mongoApiP99Ms: theirs?.p99Ms ?? Number.NaN,
          mongoApiP50Ms: theirs?.p50Ms ?? Number.NaN,
        },
      };
    };
    const within = (name: string, value: number, aimMs: number) => ({
      name: `${name} / ${aimMs} ms`,
      value: value / aimMs,
      aim: 1,
      atLeast: false,
    });
    const [first = ""] = Object.keys(rollupQuestions);
    return {
      contestants: [...Object.keys(rollupQuestions), ...Object.keys(pageQuestions)].map(contestant),
      ratios: [
        within("slowest p99 of a question on rollups, embedded", slowest(embedded.rollups), rollupAimMs),
        within("slowest p99 of a question on rollups, MongoDB's API", slowest(mongo.rollups), rollupAimMs),
        within("slowest p99 of a page by index, embedded", slowest(embedded.pages), pageAimMs),
        within("slowest p99 of a page by index, MongoDB's API", slowest(mongo.pages), pageAimMs),
        {
          name: "the first question over documents / over rollups, embedded (p50)",
          value: embedded.byDocumentsMs / (embedded.rollups[first]?.p50Ms ?? Number.NaN),
          aim: 1,
          atLeast: true,
        },
        {
          name: "the first question over documents / over rollups, MongoDB's API (p50)",
          value: mongo.byDocumentsMs / (mongo.rollups[first]?.p50Ms ?? Number.NaN),
          aim: 1,
          atLeast: true,
        },
      ],
      notes: [
        `${count} messages of 30 days, generated by bench/harness/history.ts from a seed. Each query runs ${rounds} times, after ${warmUps} warm-up runs.`,
        `Embedded: a file of ${Math.round(embedded.fileMb)} MB, queried by the thread that reads while delivery continues.`,
        "MongoDB's API: a server that implements MongoDB's protocol on another database. MongoDB itself was not measured.",
      ],
    };
  },
};
