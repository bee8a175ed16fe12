import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import avro from "avsc";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createCodec } from "../../schemas/codec.js";
import { schemasFolder } from "../../schemas/generate.js";
import { mapEnums } from "../../schemas/open-enums.js";
import * as records from "../../schemas/records.js";
import { valuesOf } from "../properties/avro-values.js";

type Schema = Readonly<Record<string, unknown>>;

const read = (...path: string[]): Schema => JSON.parse(readFileSync(join(schemasFolder, ...path), "utf8")) as Schema;
const names = readdirSync(schemasFolder).filter((name) => name.endsWith(".avsc"));
const later = "of_a_later_version";

const visit = (part: unknown, change: (schema: Schema) => Schema): unknown => {
  if (Array.isArray(part)) return part.map((one) => visit(one, change));
  if (typeof part !== "object" || part === null) return part;
  const inner = Object.entries(part).map(([key, value]) => [key, key === "default" ? value : visit(value, change)]);
  return change(Object.fromEntries(inner) as Schema);
};

/** A later version's schema: one more symbol in every enum, one more field in every record. */
const next = (schema: Schema): Schema =>
  visit(schema, (one) => {
    if (one.type === "enum") return { ...one, symbols: [...(one.symbols as string[]), later] };
    if (one.type !== "record") return one;
    return { ...one, fields: [...(one.fields as object[]), { name: "ofALaterVersion", type: "string", default: "" }] };
  }) as Schema;

/** The symbols of each enum. */
const symbolsOf = (schema: Schema): ReadonlyMap<string, readonly string[]> => {
  const found = new Map<string, readonly string[]>();
  mapEnums(schema, (name, symbols) => {
    found.set(name, symbols);
    return symbols;
  });
  return found;
};

const releasedNames = readdirSync(join(schemasFolder, "released"));

/** The versions of a schema. One that was never released is as the current one there. */
const versions = (name: string): Readonly<Record<string, Schema>> => ({
  released: releasedNames.includes(name) ? read("released", name) : read(name),
  current: read(name),
  next: next(read(name)),
});

const pairs = names.flatMap((name) =>
  ["released", "current", "next"].flatMap((reader) => ["released", "current", "next"].map((writer) => [name, reader, writer] as const)),
);

const samplesOf = (schema: unknown): readonly unknown[] => fc.sample(valuesOf(schema), { numRuns: 25, seed: 1 });

/** Values of the schema with only symbols that the other schema has as well. */
const commonSamples = (schema: Schema, known: Schema): readonly unknown[] => {
  const symbols = symbolsOf(known);
  return samplesOf(mapEnums(schema, (name, all) => all.filter((symbol) => symbols.get(name)?.includes(symbol) ?? true)));
};

const wire = (schema: Schema, value: unknown): Buffer =>
  Buffer.concat([Buffer.from([0, 0, 0, 0, 2]), avro.Type.forSchema(schema as avro.Schema).toBuffer(value)]);

const codecOf = (reader: Schema, writer: Schema) =>
  createCodec<unknown>({ name: String(reader.name), schema: reader, key: () => "" }, 1, { schema: async () => writer });

describe("records of all versions", () => {
  it.each(pairs)("%s: the %s reader reads what the %s writer writes", async (name, reader, writer) => {
    const { [reader]: reading = {}, [writer]: writing = {} } = versions(name);
    const codec = codecOf(reading, writing);
    for (const value of commonSamples(writing, reading))
      await expect((async () => codec.decode(wire(writing, value)))()).resolves.toBeTypeOf("object");
  });

  it.each(names)("%s: a value that only the next version knows is told from one that is damaged", async (name) => {
    const { current = {}, next: writing = {} } = versions(name);
    if (symbolsOf(current).size === 0) return expect(name).toMatch(/dead-letter|message-requested/);
    const value = samplesOf(writing).find((sample) => JSON.stringify(sample).includes(later));
    expect(value).toBeDefined();
    const decode = async () => codecOf(current, writing).decode(wire(writing, value));
    await expect(decode()).rejects.toMatchObject({ code: "NEWER_RECORD", retryable: false, message: expect.stringContaining(later) });
    // also when it decodes synchronously because it has the writer's schema
    const codec = codecOf(current, writing);
    await (async () => codec.decode(wire(writing, value)))().catch(() => undefined);
    expect(() => codec.decode(wire(writing, value))).toThrow(expect.objectContaining({ code: "NEWER_RECORD" }));
    await expect((async () => codec.decode(Buffer.from([0, 0, 0, 0, 2, 255])))()).rejects.toMatchObject({ code: "UNDECODABLE" });
  });

  it("are all looked at", () => {
    const types = Object.values(records).filter((record) => typeof record === "object");
    expect([...new Set(types.map(({ name }) => name))].sort()).toEqual(names.map((name) => String(read(name).name)).sort());
  });
});
