import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { type ApiDocument, fieldsOf, formsOf, matches, operationsOf, type Schema, typeText } from "../../console/page/api-document.js";

const document = JSON.parse(readFileSync(fileURLToPath(new URL("../../docs/openapi.json", import.meta.url)), "utf8")) as ApiDocument;

const types: readonly (readonly [Schema, string])[] = [
  [{ type: "string" }, "string"],
  [{ type: "string", format: "date-time" }, "string (date-time)"],
  [{ $ref: "#/components/schemas/Message" }, "Message"],
  [{ type: "array", items: { $ref: "#/components/schemas/Message" } }, "Message[]"],
  [{ anyOf: [{ type: "string" }, { type: "null" }] }, "string | null"],
  [{ type: "string", enum: ["email", "sms"] }, "email | sms"],
  [{ type: "object", additionalProperties: { type: "number" } }, "map of number"],
  [{ type: "object", properties: {} }, "object"],
  [{ const: "ok" }, '"ok"'],
  [{}, "any value"],
];
it.each(types)("names the type of %j", (schema, text) => {
  expect(typeText(schema)).toBe(text);
});

it("lists the fields of inner objects after their own", () => {
  const inner = { type: "object", properties: { name: { type: "string", description: "The name" } }, required: ["name"] };
  expect(fieldsOf({ type: "object", properties: { files: { type: "array", items: inner } } })).toEqual([
    { path: "files", type: "object[]", required: false, description: "" },
    { path: "files.name", type: "string", required: true, description: "The name" },
  ]);
});

it("shows each form of a body that can have several", () => {
  const named = document.components.schemas;
  const of = (id: string) => {
    const body = operationsOf(document).find(({ operation }) => operation.operationId === id)?.operation.requestBody;
    return formsOf(body?.content["application/json"]?.schema ?? {}, named);
  };
  expect(of("sendMessage").map(({ name }) => name)).toEqual(["MessageInput", "UserMessageInput"]);
  expect(of("sendMessage")[1]?.fields.map(({ path }) => path)).toContain("recipient.user");
  expect(of("putUser").map(({ name }) => name)).toEqual([undefined]);
});

it("shows every operation of the description under one of its groups", () => {
  const groups = document.tags.map(({ name }) => name);
  for (const { path, operation } of operationsOf(document)) expect(groups, path).toEqual(expect.arrayContaining([...operation.tags]));
  expect(
    operationsOf(document)
      .filter((placed) => matches(placed, " SENDMESSAGE "))
      .map(({ path }) => path),
  ).toEqual(["/v1/messages", "/v1/messages/batch"]);
});
