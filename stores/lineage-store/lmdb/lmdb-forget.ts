import type { LmdbEnvironment } from "../../lmdb-environment.js";
import { type KeptSince, type MessageCollection, messageCollections, type RollupKind, rollupKinds } from "../lineage-store.js";
import type { LmdbDocuments } from "./lmdb-documents.js";
import { acceptedIn } from "./plan.js";

/** Most documents removed in one transaction. */
const bite = 500;
const earliestMs = 0;

const first = <T>(items: Iterable<T>, most: number): T[] => {
  const found: T[] = [];
  for (const item of items) {
    found.push(item);
    if (found.length >= most) break;
  }
  return found;
};

const forgetMessages = async (
  environment: LmdbEnvironment,
  documents: LmdbDocuments,
  collection: MessageCollection,
  before: Date,
  signal: AbortSignal,
): Promise<number> => {
  let removed = 0;
  for (;;) {
    const old = first(documents.read(collection, acceptedIn({ fromMs: earliestMs, endMs: before.getTime() }), false), bite);
    if (old.length === 0 || signal.aborted) return removed;
    await environment.transaction(() => {
      // read again: a document that changed meanwhile has other index entries
      for (const { _id } of old) {
        const document = documents.messages[collection].get(_id);
        if (document) documents.remove(document);
      }
    });
    removed += old.length;
  }
};

const forgetRollups = async (environment: LmdbEnvironment, { rollups }: LmdbDocuments, kind: RollupKind, before: Date): Promise<number> => {
  const old = [...rollups.read(kind, { fromMs: earliestMs, endMs: before.getTime() })];
  await environment.transaction(() => {
    for (const { _id } of old) rollups.set(kind, _id, undefined);
  });
  return old.length;
};

/** Removes older messages and rollups. Resolves with the number removed. */
export const forgetInLmdb = async (
  environment: LmdbEnvironment,
  documents: LmdbDocuments,
  { messages, hourly, daily }: KeptSince,
  signal: AbortSignal,
): Promise<number> => {
  let removed = 0;
  for (const collection of messageCollections) removed += await forgetMessages(environment, documents, collection, messages, signal);
  const oldest = { hourly, hourly_totals: hourly, daily, daily_totals: daily };
  for (const kind of rollupKinds) removed += await forgetRollups(environment, documents, kind, oldest[kind]);
  return removed;
};
