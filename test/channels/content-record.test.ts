import { expect, it } from "vitest";
import { contentParts } from "../../channels/content-parts.js";
import { contentRecord, withContent } from "../../channels/content-record.js";
import { noContent } from "../../schemas/no-content.js";

it("the record has every part, with its words and what stands for its absence", () => {
  expect(contentRecord.fields.map(({ name }) => name)).toEqual(contentParts);
  expect(contentRecord.fields[0]).toEqual({ name: "subject", type: ["null", "string"], doc: "The subject.", default: null });
});

it("a schema takes the record wherever it has one, and its own default in full", () => {
  const old = { type: "record", name: "Content", fields: [] };
  const schema = {
    type: "record",
    name: "Some",
    fields: [
      { name: "content", type: old, default: {} },
      { name: "other", type: "string", default: "x" },
    ],
  };
  expect(withContent(schema)).toEqual({
    type: "record",
    name: "Some",
    fields: [
      { name: "content", type: contentRecord, default: noContent },
      { name: "other", type: "string", default: "x" },
    ],
  });
});
