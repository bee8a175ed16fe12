import avro from "avsc";
import { describe, expect, it } from "vitest";
import { createCodec } from "../../schemas/codec.js";
import { messageRequested } from "../../schemas/records.js";
import { createKeyRing } from "../../stores/sealed/key-ring.js";

type Schema = Record<string, unknown>;

/** A schema with every namespace replaced, as a producer's code generator writes it. */
const inNamespace = (schema: unknown, namespace: string | undefined): unknown => {
  if (Array.isArray(schema)) return schema.map((part) => inNamespace(part, namespace));
  if (typeof schema !== "object" || schema === null) {
    return typeof schema === "string" && schema.startsWith("carillon.") ? [namespace, schema.slice(9)].filter(Boolean).join(".") : schema;
  }
  const changed = Object.entries(schema).map(([key, part]) => [key, key === "default" ? part : inNamespace(part, namespace)]);
  const { namespace: _old, ...rest } = Object.fromEntries(changed) as Schema;
  return "namespace" in schema && namespace !== undefined ? { ...rest, namespace } : rest;
};

const written = (schema: unknown, value: unknown, sealer?: ReturnType<typeof createKeyRing>) => {
  const writer = avro.Type.forSchema(schema as avro.Schema);
  const codec = createCodec(messageRequested, 1, { schema: async () => schema as object }, sealer);
  const header = Buffer.from([0, 0, 0, 0, 2]);
  return (async () => codec.decode(Buffer.concat([header, writer.toBuffer(value)])))();
};

const request = { ...(avro.Type.forSchema(messageRequested.schema as avro.Schema).random() as object), id: "from-abroad" };

describe("a producer's own names", () => {
  it.each([
    ["a namespace of its own", "com.shop"],
    ["none", undefined],
    ["a deep one", "a.b.c.d"],
  ])("are matched without their namespace, nested records and enums too: %s", async (_what, namespace) => {
    const schema = inNamespace(messageRequested.schema, namespace);
    expect(JSON.stringify(schema)).not.toContain("carillon");
    await expect(written(schema, request)).resolves.toMatchObject({ id: "from-abroad" });
  });

  it("may be spelled in full, in the name itself", async () => {
    const { namespace: _none, ...schema } = inNamespace(messageRequested.schema, undefined) as Schema;
    await expect(written({ ...schema, name: "com.shop.MessageRequested" }, request)).resolves.toMatchObject({ id: "from-abroad" });
  });

  it("of another record are refused, whatever its namespace", async () => {
    const schema = { ...(messageRequested.schema as Schema), name: "carillon.OrderPlaced" };
    await expect(written(schema, request)).rejects.toMatchObject({ code: "WRONG_TYPE", message: expect.stringContaining("OrderPlaced") });
  });

  it("are matched by the reader's aliases, in whatever namespace", async () => {
    const reader = {
      name: "Order",
      schema: { type: "record", name: "Order", namespace: "carillon", aliases: ["old.Purchase"], fields: [{ name: "id", type: "string" }] },
      key: () => "",
    };
    const schema = { type: "record", name: "Purchase", namespace: "com.shop", fields: [{ name: "id", type: "string" }] };
    const codec = createCodec<{ id: string }>(reader, 1, { schema: async () => schema });
    await expect(codec.decode(Buffer.from([0, 0, 0, 0, 2, 2, 0x61]))).resolves.toEqual({ id: "a" });
  });
});

describe("bytes that are not in the wire format", () => {
  const keys = createKeyRing({ active: "own", keys: { own: { secret: Buffer.alloc(32, 7).toString("base64") } } });
  const codec = createCodec(messageRequested, 1, { schema: async () => messageRequested.schema });
  const withKeys = createCodec(messageRequested, 1, { schema: async () => messageRequested.schema }, keys);
  it.each([
    ["the magic byte 0x01", Buffer.from([1, 0, 0, 0, 2, 2, 0x61]), "0x0100000002"],
    ["a GUID after the magic byte 0x01", Buffer.concat([Buffer.from([1]), Buffer.alloc(200, 0x9c)]), "0x019c9c9c9c"],
    ["JSON", Buffer.from('{"id":"a"}'), "0x7b22696422"],
    ["nothing at all", Buffer.alloc(0), "it is empty"],
    ["too little", Buffer.from([0, 0, 0]), "0x000000"],
  ])("are named as what they are: %s", (_what, bytes, found) => {
    for (const one of [codec, withKeys]) {
      const expected = expect.objectContaining({ code: "UNDECODABLE", message: expect.stringContaining(found) });
      expect(() => one.decode(bytes)).toThrow(expected);
    }
  });

  it("are told from a record that is encrypted", () => {
    expect(() => codec.decode(keys.seal(Buffer.from([0, 0, 0, 0, 1, 0])))).toThrow(expect.objectContaining({ code: "DECRYPTION_FAILED" }));
  });
});
