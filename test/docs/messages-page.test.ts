import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { fieldAt, messageFields, referenceOf } from "../../client/field-reference.js";
import { contentGiven, messageGiven } from "../../client/message-input.js";
import { messagesPage } from "../../docs/messages-page.js";

describe("docs/messages.md", () => {
  it("is what the schema makes", () => {
    expect(readFileSync(new URL("../../docs/messages.md", import.meta.url), "utf8")).toBe(messagesPage());
  });

  it("has every field of the schema, each with what it takes", () => {
    const paths = messageFields.map(({ path }) => path);
    for (const name of Object.keys(messageGiven.shape)) expect(paths).toContain(name);
    const content = contentGiven.shape;
    for (const name of Object.keys(content)) expect(paths).toContain(`content.${name}`);
    for (const name of ["filename", "contentType", "content", "contentId"]) expect(paths).toContain(`content.attachments.${name}`);
    for (const { wanted, doc } of messageFields) expect([wanted, doc].map((text) => text.length > 3)).toEqual([true, true]);
  });

  it("leads from a field of an error to its row", () => {
    expect(referenceOf("content.attachments.0.filename")).toBe("/docs/messages#content.attachments.filename");
    expect(referenceOf("metadata.order")).toBe("/docs/messages#metadata");
    expect(referenceOf("colour")).toBe("/docs/messages");
    expect(fieldAt("to")?.required).toBe(true);
  });
});
