import { expect, it } from "vitest";
import { z } from "zod";
import { filled } from "../../channels/filled.js";

const schema = filled(z.strictObject({ name: z.string(), note: z.string().optional(), list: z.array(z.string()).optional() }), {
  note: null,
  list: [],
});

it("what is left out, or undefined, is there as others have it", () => {
  expect(schema.parse({ name: "a" })).toEqual({ name: "a", note: null, list: [] });
  expect(schema.parse({ name: "a", note: undefined, list: ["x"] })).toEqual({ name: "a", note: null, list: ["x"] });
});

it("null is no way to leave a field out", () => {
  expect(schema.safeParse({ name: "a", note: null }).success).toBe(false);
});
