import { expect, it } from "vitest";
import { noContent } from "../../schemas/no-content.js";
import { dispatchCommand } from "../../schemas/records.js";

it("has every field of a content, and nothing in any", () => {
  const { fields } = dispatchCommand.schema as {
    readonly fields: readonly { readonly name: string; readonly type: { readonly fields?: readonly { readonly name: string }[] } }[];
  };
  const content = fields.find(({ name }) => name === "content")?.type.fields ?? [];
  expect(Object.keys(noContent).sort()).toEqual(content.map(({ name }) => name).sort());
  for (const value of Object.values(noContent)) expect(value === null || Object.keys(value).length === 0).toBe(true);
});
