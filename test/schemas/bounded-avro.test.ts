import avro from "avsc";
import { expect, it } from "vitest";
import { boundAvro, lenientType } from "../../schemas/bounded-avro.js";

boundAvro();
const list = avro.Type.forSchema({ type: "array", items: "null" });
const map = avro.Type.forSchema({ type: "map", values: "string" });

it("what was written is read as it was", () => {
  expect(map.fromBuffer(map.toBuffer({ a: "1", b: "Grüße" }))).toEqual({ a: "1", b: "Grüße" });
});

it("a block that says it holds more items than there are bytes is refused", () => {
  const long = avro.Type.forSchema("long");
  expect(() => list.fromBuffer(Buffer.concat([long.toBuffer(1_000_000_000), Buffer.from([0])]))).toThrow("exceeds the remaining bytes");
  expect(() => map.fromBuffer(Buffer.concat([long.toBuffer(1_000_000_000), Buffer.from([0])]))).toThrow("exceeds the remaining bytes");
});

it("a key of the prototype's name is a key", () => {
  const bytes = map.toBuffer({ __prot0__: "x" });
  bytes.write("__proto__", bytes.indexOf("__prot0__"));
  expect(Object.entries(map.fromBuffer(bytes) as object)).toEqual([["__proto__", "x"]]);
});

it("a text whose bytes are no UTF-8 is marked, so that checks find it", () => {
  const text = avro.Type.forSchema("string");
  const bytes = text.toBuffer("abc");
  bytes[2] = 0xff;
  expect(text.fromBuffer(bytes)).toMatch(/\ud800$/);
  expect(text.fromBuffer(text.toBuffer("\ufffd"))).toBe("\ufffd");
});

it("a foreign long is read whatever it is", () => {
  const bytes = Buffer.from("ffffffffffffffffff01", "hex");
  const record: avro.schema.RecordType = { type: "record", name: "Foreign", fields: [{ name: "at", type: "long" }] };
  expect(() => avro.Type.forSchema(record).fromBuffer(bytes)).toThrow("precision loss");
  expect(Math.abs((lenientType(record).fromBuffer(bytes) as { at: number }).at)).toBeGreaterThan(2 ** 60);
});
