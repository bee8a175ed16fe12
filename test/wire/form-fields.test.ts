import fc from "fast-check";
import { expect, it } from "vitest";
import { formFieldsOf } from "../../wire/form-fields.js";
import { parameters } from "../properties/property.js";

it.each([
  "",
  "a=b",
  "a=b&&c",
  "a=1&a=2",
  "=x&a",
  "a=b=c%3D",
  "a+b=c+d%2B",
  "a=%",
  "a=%4",
  "a=%zz%41",
  "a=caf%C3%A9&%F0%9F%98%80=%e2%82%ac",
  "__proto__=x",
  "a=\u00e9",
])("reads %j as URLSearchParams does", (text) => {
  expect(formFieldsOf(Buffer.from(text))).toEqual(Object.fromEntries(new URLSearchParams(text)));
});

it("reads any form of well-formed texts as it was written", () => {
  const texts = fc.string({ unit: "binary" }).filter((text) => !text.startsWith("\ufeff"));
  fc.assert(
    fc.property(fc.dictionary(texts, texts), (fields) => {
      expect(formFieldsOf(Buffer.from(new URLSearchParams(fields).toString()))).toEqual({ ...fields });
    }),
    parameters,
  );
});

it("leaves no replacement character for bytes that are not UTF-8", () => {
  const { a, b } = formFieldsOf(Buffer.from("a=caf%E9&b=%EF%BF%BD", "latin1"));
  expect(a).toBe("caf\ud800");
  expect(b).toBe("\ufffd");
});
