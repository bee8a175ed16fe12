import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import avro from "avsc";
import { describe, expect, it } from "vitest";
import { createCodec } from "../../schemas/codec.js";
import { schemasFolder } from "../../schemas/generate.js";
import { withSymbolsOf } from "../../schemas/open-enums.js";
import * as records from "../../schemas/records.js";

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

const enumsIn = (schema: Schema): number => {
  let count = 0;
  visit(schema, (one) => {
    if (one.type === "enum") count += 1;
    return one;
  });
  return count;
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

/** A value of the schema with only symbols that the other schema has as well. */
const sampleOf = (schema: Schema, known: Schema): object => {
  const reader = avro.Type.forSchema(known as avro.Schema);
  const writer = avro.Type.forSchema(schema as avro.Schema);
  const wider = avro.Type.forSchema((withSymbolsOf(schema, known) ?? known) as avro.Schema);
  const resolver = wider.createResolver(writer);
  for (;;) {
    const value = writer.random() as object;
    if (reader.isValid(wider.fromBuffer(writer.toBuffer(value), resolver))) return value;
  }
};

const wire = (schema: Schema, value: unknown): Buffer =>
  Buffer.concat([Buffer.from([0, 0, 0, 0, 2]), avro.Type.forSchema(schema as avro.Schema).toBuffer(value)]);

const codecOf = (reader: Schema, writer: Schema) =>
  createCodec<unknown>({ name: String(reader.name), schema: reader, key: () => "" }, 1, { schema: async () => writer });

describe("records of all versions", () => {
  it.each(pairs)("%s: the %s reader reads what the %s writer writes", async (name, reader, writer) => {
    const { [reader]: reading = {}, [writer]: writing = {} } = versions(name);
    const value = sampleOf(writing, reading);
    await expect(codecOf(reading, writing).decode(wire(writing, value))).resolves.toBeTypeOf("object");
  });

  it.each(names)("%s: a value that only the next version knows is told from one that is damaged", async (name) => {
    const { current = {}, next: writing = {} } = versions(name);
    if (enumsIn(current) === 0) return expect(name).toMatch(/dead-letter|message-requested/);
    const writer = avro.Type.forSchema(writing as avro.Schema);
    let value = writer.random();
    while (!JSON.stringify(value).includes(later)) value = writer.random();
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
