import avro from "avsc";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createCodec } from "../../schemas/codec.js";
import { CarillonError } from "../../schemas/errors.js";
import * as records from "../../schemas/records.js";
import { valuesOf } from "./avro-values.js";
import { parameters, timeoutMs } from "./property.js";

const types = Object.values(records);
const registryOf = (schema: object) => ({
  schema: async (id: number): Promise<object> => {
    if (id === 1) return schema;
    throw new CarillonError("UNKNOWN_SCHEMA", `no schema ${id}`);
  },
});
const codecOf = (type: (typeof types)[number]) => createCodec(type as records.RecordType<unknown>, 1, registryOf(type.schema));

/** The result of decoding: the value, or the code of a defined error. Anything else is a fault and rejects. */
const decoded = async (type: (typeof types)[number], bytes: Buffer): Promise<unknown> => {
  try {
    return { value: await codecOf(type).decode(bytes) };
  } catch (error) {
    if (!(error instanceof CarillonError)) throw error;
    return { code: error.code };
  }
};

describe.each(types.map((type) => ({ name: type.name, type })))("codec of $name", ({ type }) => {
  it(
    "gives back what it was given",
    async () => {
      const codec = codecOf(type);
      await fc.assert(
        fc.asyncProperty(valuesOf(type.schema), async (value) => {
          const back = await codec.decode(codec.encode(value));
          // Avro has no undefined, and its records are instances of generated classes
          expect(JSON.stringify(back)).toBe(JSON.stringify(value));
        }),
        parameters,
      );
    },
    timeoutMs,
  );

  it(
    "answers any bytes with a value or a clear error",
    async () => {
      const framed = fc.uint8Array({ maxLength: 200 }).map((body) => Buffer.concat([Buffer.from([0, 0, 0, 0, 1]), body]));
      const anything = fc.oneof(
        fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
        framed,
      );
      await fc.assert(
        fc.asyncProperty(anything, async (bytes) => void (await decoded(type, bytes))),
        parameters,
      );
    },
    timeoutMs,
  );

  it(
    "answers a record with flipped, missing or added bytes the same way",
    async () => {
      const codec = codecOf(type);
      const damage = fc.record({
        at: fc.nat(),
        flip: fc.integer({ min: 1, max: 255 }),
        cut: fc.nat(20),
        tail: fc.uint8Array({ maxLength: 5 }),
      });
      await fc.assert(
        fc.asyncProperty(valuesOf(type.schema), damage, async (value, { at, flip, cut, tail }) => {
          const bytes = Buffer.from(codec.encode(value));
          const place = at % bytes.length;
          bytes[place] = (bytes[place] ?? 0) ^ flip;
          await decoded(type, Buffer.concat([bytes.subarray(0, Math.max(0, bytes.length - cut)), tail]));
        }),
        parameters,
      );
    },
    timeoutMs,
  );
});

it("keeps a key of a map that JavaScript takes for something else", async () => {
  const schema = { type: "record", name: "T", fields: [{ name: "map", type: { type: "map", values: "string" } }] };
  const codec = createCodec({ name: "T", schema, key: () => "" }, 1, registryOf(schema));
  const map = JSON.parse('{"__proto__": "kept", "constructor": "kept, too"}') as object;
  expect(JSON.stringify(await codec.decode(codec.encode({ map })))).toBe(JSON.stringify({ map }));
});

describe("a record that says it has more items than bytes", () => {
  /** An empty string, then a block with this number of missing items. */
  const hostile = (count: number): Buffer =>
    Buffer.concat([Buffer.from([0, 0, 0, 0, 1]), Buffer.from([0]), avro.Type.forSchema("long").toBuffer(count), Buffer.alloc(8)]);
  it.each([
    ["array", { type: "array", items: "string" }],
    ["map", { type: "map", values: "string" }],
  ])("is refused at once: %s", (_name, items) => {
    const schema = {
      type: "record",
      name: "T",
      fields: [
        { name: "before", type: "string" },
        { name: "items", type: items },
      ],
    };
    const codec = createCodec({ name: "T", schema, key: () => "" }, 1, registryOf(schema));
    for (const count of [2 ** 40, -(2 ** 40), 100]) expect(() => codec.decode(hostile(count))).toThrow(/exceeds|truncated/);
  });

  it("is refused, too, where the reader does not know the field", async () => {
    const items = { type: "array", items: "string" };
    const written = {
      type: "record",
      name: "T",
      fields: [
        { name: "before", type: "string" },
        { name: "items", type: items },
      ],
    };
    const known = { type: "record", name: "T", fields: [{ name: "before", type: "string" }] };
    const codec = createCodec({ name: "T", schema: known, key: () => "" }, 2, registryOf(written));
    for (const count of [2 ** 40, -(2 ** 40)])
      await expect((async () => codec.decode(hostile(count)))()).rejects.toMatchObject({ code: "UNDECODABLE" });
  });
});
