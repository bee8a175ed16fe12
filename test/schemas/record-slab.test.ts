import avro from "avsc";
import { expect, it } from "vitest";
import { RecordSlab } from "../../schemas/record-slab.js";

const text = avro.Type.forSchema("string");

it("records of all sizes come out as they were written, whatever is written after them", () => {
  const slab = new RecordSlab();
  const texts = Array.from({ length: 2_000 }, (_, index) => `${index} `.repeat((index * 7_919) % 300));
  // some larger than the memory, and some that end just before, at, and just after its end
  texts.splice(
    700,
    0,
    "x".repeat(3_000_000),
    "",
    "y".repeat(262_144),
    "z".repeat(262_139 - 5),
    ...[261_000, 1_140, 261_000, 1_134, 4, 261_000, 1_133].map((length) => "a".repeat(length)),
  );
  const written = texts.map((one) => slab.write(text, one, 5));
  const wrong = written.filter((bytes, index) => !bytes.subarray(5).equals(text.toBuffer(texts[index])));
  expect(wrong).toHaveLength(0);
});

it("a record that fails leaves those before and after it alone", () => {
  const slab = new RecordSlab();
  const first = slab.write(text, "first", 2);
  expect(() => slab.write(text, 5, 2)).toThrow();
  const second = slab.write(text, "second", 2);
  expect([first, second].map((bytes) => text.fromBuffer(bytes.subarray(2)))).toEqual(["first", "second"]);
});
