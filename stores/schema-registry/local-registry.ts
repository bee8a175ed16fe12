import avro from "avsc";
import type { SchemaRegistry } from "../../schemas/codec.js";
import { CarillonError, messageOf } from "../../schemas/errors.js";
import { withSymbolsOf } from "../../schemas/open-enums.js";

/** Storage for the local registry's ids, so that records written before an upgrade stay readable. */
export interface SchemaTable {
  load(): readonly { readonly id: number; readonly subject: string; readonly schema: string }[];
  save(entry: { readonly id: number; readonly subject: string; readonly schema: string }): Promise<void>;
}

export const createMemoryTable = (): SchemaTable => {
  const entries: { id: number; subject: string; schema: string }[] = [];
  return {
    load: () => entries,
    save: async (entry) => {
      entries.push(entry);
    },
  };
};

/** The latest schema may have symbols that the next one lacks, as after a rollback: the codec leaves such records to a later version. */
const assertReadable = (subject: string, next: object, previous: string): void => {
  try {
    const last = JSON.parse(previous) as object;
    avro.Type.forSchema((withSymbolsOf(last, next) ?? next) as avro.Schema).createResolver(avro.Type.forSchema(last as avro.Schema));
  } catch (error) {
    throw new CarillonError("INCOMPATIBLE_SCHEMA", `${subject}: the new schema cannot read the last one's records: ${messageOf(error)}`, {
      cause: error,
      fix: "give each added field a default",
    });
  }
};

/** A schema registry in this process, with the ids, wire format and backward-compatibility check of a registry server. */
export const createLocalRegistry = (table: SchemaTable): SchemaRegistry => {
  const byId = new Map<number, string>();
  const idByText = new Map<string, number>();
  const subjects = new Map<string, string[]>();
  const note = (id: number, subject: string, schema: string): void => {
    byId.set(id, schema);
    idByText.set(schema, id);
    subjects.set(subject, [...(subjects.get(subject) ?? []), schema]);
  };
  for (const { id, subject, schema } of table.load()) note(id, subject, schema);
  return {
    register: async (subject, schema) => {
      const text = JSON.stringify(schema);
      const known = idByText.get(text);
      const versions = subjects.get(subject) ?? [];
      if (known !== undefined && versions.includes(text)) return known;
      const last = versions.at(-1);
      if (last !== undefined) assertReadable(subject, schema, last);
      const id = known ?? byId.size + 1;
      note(id, subject, text);
      await table.save({ id, subject, schema: text });
      return id;
    },
    schema: async (id) => {
      const text = byId.get(id);
      if (text === undefined) {
        throw new CarillonError("UNKNOWN_SCHEMA", `no schema has the id ${id}`, { fix: "register the writer's schema first" });
      }
      return JSON.parse(text) as object;
    },
    close: async () => undefined,
  };
};
