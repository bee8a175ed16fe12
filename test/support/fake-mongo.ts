import { BSON, type Db, MongoBulkWriteError } from "mongodb";
import type { CollectionName, Filter, LineageReader } from "../../stores/lineage-store/lineage-store.js";
import { aggregateDocuments, matching, queryDocuments } from "../../stores/lineage-store/query/query-documents.js";

type Fields = Record<string, unknown> & { readonly _id: string };

interface Update {
  readonly $inc?: Readonly<Record<string, number>>;
  readonly $set?: Readonly<Record<string, unknown>>;
  readonly $setOnInsert?: Readonly<Record<string, unknown>>;
}

interface Operation {
  readonly updateOne?: { readonly filter: Filter & { readonly _id: string }; readonly update: Update; readonly upsert?: boolean };
  readonly replaceOne?: { readonly filter: Filter & { readonly _id: string }; readonly replacement: Fields };
}

type OperationName = "find" | "insertMany" | "bulkWrite";

/** Waits for the operation's turn. A rejection ends its caller there. */
export type Turn = (operation: OperationName, collection: string) => Promise<void>;

const duplicateKey = 11_000;

/** The document as stored by the server: a copy, without undefined fields. */
const stored = (fields: object): Fields => BSON.deserialize(BSON.serialize(fields, { ignoreUndefined: true })) as Fields;

const parentOf = (document: Record<string, unknown>, path: readonly string[]): Record<string, unknown> => {
  let parent = document;
  for (const name of path) {
    parent[name] ??= {};
    parent = parent[name] as Record<string, unknown>;
  }
  return parent;
};

const updated = (document: Fields, { $inc = {}, $set = {}, $setOnInsert = {} }: Update, isNew: boolean): Fields => {
  const copy: Record<string, unknown> = stored(document);
  const change = (path: string, to: (before: unknown) => unknown): void => {
    const names = path.split(".");
    const last = names.pop() ?? "";
    const parent = parentOf(copy, names);
    parent[last] = to(parent[last]);
  };
  for (const [path, by] of Object.entries($inc)) change(path, (before) => ((before as number | undefined) ?? 0) + by);
  for (const [path, value] of Object.entries($set)) change(path, () => value);
  if (isNew) for (const [path, value] of Object.entries($setOnInsert)) change(path, () => value);
  return stored(copy);
};

/** A database's documents in this process. As in MongoDB, a write to one document is atomic, and a batch is not. */
export class FakeMongo {
  private readonly collections = new Map<string, Map<string, Fields>>();

  /** `order`: the order of a batch's operations, which the server may choose. */
  constructor(private readonly order: <T>(operations: readonly T[]) => readonly T[] = (operations) => operations) {}

  /** The client's view. Each of its operations waits for its turn. */
  database(turn: Turn): Db {
    const collection = (name: string) => ({
      insertMany: (documents: readonly Fields[]) => this.insertMany(name, documents, turn),
      bulkWrite: (operations: readonly Operation[]) => this.bulkWrite(name, operations, turn),
      find: (filter: Filter) => ({
        toArray: async () => {
          await turn("find", name);
          return [...matching(this.documentsOf(name).values(), filter)].map(stored);
        },
      }),
    });
    return { collection } as unknown as Db;
  }

  /** Reads without waiting, and without the store's own bookkeeping fields. */
  reader(): Pick<LineageReader, "query" | "aggregate"> {
    return {
      query: async (name, filter, options) =>
        queryDocuments(
          [...this.documentsOf(name).values()].map(({ applied, born, ...document }) => stored(document)),
          filter,
          options,
        ) as unknown as never[],
      aggregate: async (name, pipeline) => aggregateDocuments([...this.documentsOf(name).values()].map(stored), pipeline),
    };
  }

  documentsOf(name: CollectionName | string): Map<string, Fields> {
    const found = this.collections.get(name) ?? new Map<string, Fields>();
    this.collections.set(name, found);
    return found;
  }

  private async insertMany(name: string, given: readonly Fields[], turn: Turn): Promise<void> {
    const documents = this.documentsOf(name);
    // sent documents no longer change
    const sent = given.map(stored);
    await this.each(
      sent,
      () => turn("insertMany", name),
      (document) => {
        if (documents.has(document._id)) return false;
        documents.set(document._id, document);
        return true;
      },
    );
  }

  private async bulkWrite(name: string, operations: readonly Operation[], turn: Turn): Promise<{ readonly matchedCount: number }> {
    const documents = this.documentsOf(name);
    let matchedCount = 0;
    await this.each(
      operations,
      () => turn("bulkWrite", name),
      (operation) => {
        const { _id, ...conditions } = (operation.updateOne ?? operation.replaceOne)?.filter ?? { _id: "" };
        const known = documents.get(_id);
        const matches = known !== undefined && [...matching([known], conditions)].length > 0;
        if (matches) matchedCount += 1;
        const changed = FakeMongo.changedBy(operation, _id, matches ? known : undefined);
        if (!changed) return true;
        if (known && !matches) return false;
        documents.set(_id, changed);
        return true;
      },
    );
    return { matchedCount };
  }

  /** The document after an operation; undefined if it stays unchanged. */
  private static changedBy({ updateOne, replaceOne }: Operation, _id: string, found: Fields | undefined): Fields | undefined {
    if (replaceOne) return found && stored(replaceOne.replacement);
    if (!updateOne || (!found && !updateOne.upsert)) return undefined;
    return updated(found ?? { _id }, updateOne.update, !found);
  }

  /** Writes each item in its own turn. Reports existing documents once all others are done. */
  private async each<T>(items: readonly T[], turn: () => Promise<void>, write: (item: T) => boolean): Promise<void> {
    const duplicates: number[] = [];
    for (const [index, item] of this.order([...items.entries()])) {
      await turn();
      if (!write(item)) duplicates.push(index);
    }
    if (duplicates.length === 0) return;
    const writeErrors = duplicates.map((index) => ({ index, code: duplicateKey }));
    throw new MongoBulkWriteError({ message: "duplicate key", code: duplicateKey, writeErrors } as never, {} as never);
  }
}
