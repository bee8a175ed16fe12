import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createCodec, type SchemaRegistry } from "../../schemas/codec.js";
import type { RecordType } from "../../schemas/records.js";
import { uniqueName } from "../support/scratch.js";
import type { PortFactory } from "./claims.js";

interface Greeting {
  readonly text: string;
  readonly note?: string | null;
}

const recordOf = (name: string, fields: readonly object[]): RecordType<Greeting> => ({
  name,
  schema: { type: "record", name, namespace: "carillon.test", fields: [{ name: "text", type: "string" }, ...fields] },
  key: (value) => value.text,
});

/** Conformance suite of SchemaRegistry. */
export const describeSchemaRegistry = (factory: PortFactory<SchemaRegistry>): void => {
  describe(`SchemaRegistry on ${factory.name}`, () => {
    let registry: SchemaRegistry;
    const name = uniqueName("Greeting").replaceAll("-", "_");
    const first = recordOf(name, []);
    const second = recordOf(name, [{ name: "note", type: ["null", "string"], default: null }]);
    beforeAll(async () => {
      registry = await factory.open();
    });
    afterAll(async () => {
      await registry.close();
      await factory.dispose?.();
    });

    it("gives one schema one id under a subject, and finds it by that id", async () => {
      const subject = uniqueName("subject");
      const id = await registry.register(subject, first.schema);
      expect(await registry.register(subject, first.schema)).toBe(id);
      expect(await registry.schema(id)).toMatchObject({ type: "record", fields: [{ name: "text" }] });
    });

    it("takes the same schema from several at the same time", async () => {
      const subjects = Array.from({ length: 4 }, () => uniqueName("subject"));
      const ids = await Promise.all([1, 2, 3].flatMap(() => subjects.map((subject) => registry.register(subject, first.schema))));
      expect(new Set(ids).size).toBe(1);
    });

    it("takes a compatible successor and refuses a breaking one", async () => {
      const subject = uniqueName("subject");
      await registry.register(subject, first.schema);
      await registry.register(subject, second.schema);
      const breaking = recordOf(name, [{ name: "needed", type: "string" }]);
      await expect(registry.register(subject, breaking.schema)).rejects.toMatchObject({ code: "INCOMPATIBLE_SCHEMA" });
    });

    it("takes a version with fewer symbols after a later one, or says what to do", async () => {
      const record = (symbols: readonly string[]) =>
        recordOf(name, [{ name: "kind", type: { type: "enum", name: `${name}_kind`, symbols } }]);
      const subject = uniqueName("subject");
      const middle = record(["a", "b"]);
      const later = createCodec(record(["a", "b", "c"]), await registry.register(subject, record(["a", "b", "c"]).schema), registry);
      const registered = await registry.register(subject, middle.schema).catch((error: unknown) => error);
      if (typeof registered !== "number") {
        expect(registered).toMatchObject({
          code: "INCOMPATIBLE_SCHEMA",
          fix: expect.stringContaining(`compatibility of ${subject} to NONE`),
        });
        return;
      }
      const rolledBack = createCodec(middle, registered, registry);
      const greeting = { text: "hello", kind: "b" };
      const newer = { text: "hello", kind: "c" };
      expect(await later.decode(rolledBack.encode(greeting))).toEqual(greeting);
      expect(await rolledBack.decode(later.encode(greeting))).toEqual(greeting);
      await expect((async () => rolledBack.decode(later.encode(newer)))()).rejects.toMatchObject({
        code: "NEWER_RECORD",
      });
    });

    it("rejects an id that it does not know", async () => {
      await expect(registry.schema(987_654)).rejects.toMatchObject({ code: "UNKNOWN_SCHEMA" });
    });

    it("has newer readers read older records and older readers read newer ones", async () => {
      const subject = uniqueName("subject");
      const old = createCodec(first, await registry.register(subject, first.schema), registry);
      const young = createCodec(second, await registry.register(subject, second.schema), registry);
      expect(await young.decode(old.encode({ text: "hello" }))).toEqual({ text: "hello", note: null });
      expect(await old.decode(young.encode({ text: "hello", note: "new" }))).toEqual({ text: "hello" });
    });

    it("writes the wire format: zero, four bytes of id, Avro", async () => {
      const id = await registry.register(uniqueName("subject"), first.schema);
      const bytes = createCodec(first, id, registry).encode({ text: "hi" });
      expect([...bytes]).toEqual([0, ...Buffer.from(Uint8Array.of(id >>> 24, id >>> 16, id >>> 8, id)), 4, 104, 105]);
    });

    it("tells apart bytes that are no record, unknown schemas and other types", async () => {
      const id = await registry.register(uniqueName("subject"), first.schema);
      const codec = createCodec(first, id, registry);
      const other = createCodec(
        recordOf(`${name}_other`, [{ name: "x", type: "int" }]),
        await registry.register(uniqueName("subject"), recordOf(`${name}_other`, [{ name: "x", type: "int" }]).schema),
        registry,
      );
      const decode = async (bytes: Buffer | null) => codec.decode(bytes);
      await expect(decode(Buffer.from("plain text"))).rejects.toMatchObject({ code: "UNDECODABLE" });
      await expect(decode(null)).rejects.toMatchObject({ code: "UNDECODABLE" });
      await expect(decode(codec.encode({ text: "cut" }).subarray(0, 7))).rejects.toMatchObject({ code: "UNDECODABLE" });
      await expect(decode(Buffer.from([0, 0, 15, 0, 0, 2, 2]))).rejects.toMatchObject({ code: "UNKNOWN_SCHEMA" });
      await expect(decode(other.encode({ text: "a", x: 1 } as Greeting))).rejects.toMatchObject({ code: "WRONG_TYPE" });
    });

    it("names the field that does not fit", async () => {
      const codec = createCodec(first, await registry.register(uniqueName("subject"), first.schema), registry);
      expect(() => codec.encode({ text: 7 } as unknown as Greeting)).toThrow(/field text/);
    });
  });
};
