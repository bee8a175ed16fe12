import Fastify, { type FastifyInstance } from "fastify";
import { afterEach, expect, it } from "vitest";
import { z } from "zod";
import { events, json, lines, nothing, orElse } from "../../../http/contract/answers.js";
import { addRoute, defineRoute } from "../../../http/contract/route-contract.js";
import { checkedAnswers } from "../../support/checked-answers.js";

const item = z.strictObject({ id: z.string() });
const contract = defineRoute({
  method: "GET",
  url: "/v1/planted",
  access: "page",
  id: "planted",
  tag: "documentation",
  summary: "Answer as the test says",
  answers: {
    200: orElse(json(item, "An item"), lines(item, "Items"), events(item, "Items")),
    202: json(item, "An item", { "X-Item": { description: "Its id", schema: z.string() } }),
    204: nothing("No item"),
  },
});

let app: FastifyInstance | undefined;
afterEach(() => app?.close());

/** What the watch of all tests reports about one answer. */
const reported = async (status: number, type: string | undefined, body: string, headers: Record<string, string> = {}) => {
  app = Fastify();
  addRoute(app, contract, (_request, reply) => {
    if (type !== undefined) reply.type(type);
    return reply.code(status).headers(headers).send(body);
  });
  const url = `${await app.listen({ host: "127.0.0.1", port: 0 })}/v1/planted`;
  await (await fetch(url)).text();
  await app.close();
  return checkedAnswers.take();
};

it.each([
  [200, "application/json", '{"id":"1"}'],
  [200, "application/json; charset=utf-8", '{"id":"1"}'],
  [200, "application/x-ndjson", '{"id":"1"}\n\n{"id":"2"}\n'],
  [200, "text/event-stream", 'retry: 2000\n\ndata: {"id":"1"}\n\n'],
  [204, undefined, ""],
])("reports nothing about a declared answer: %s %s", async (status, type, body) => {
  expect(await reported(status, type, body)).toEqual([]);
});

it.each([
  ["a field", 200, "application/json", '{"id":"1","secret":"x"}', 'Unrecognized key: "secret"'],
  ["a field of a line", 200, "application/x-ndjson", '{"id":"1"}\n{"id":"2","secret":"x"}\n', 'Unrecognized key: "secret"'],
  ["a field of an event", 200, "text/event-stream", 'data: {"id":"1","secret":"x"}\n\n', 'Unrecognized key: "secret"'],
  ["a field's type", 200, "application/json", '{"id":1}', "id: Invalid input"],
  ["a status", 201, "application/json", '{"id":"1"}', "the status 201 is not declared"],
  ["a media type", 200, "text/html", "<p>", "the type text/html is not declared for 200"],
  ["a missing header", 202, "application/json", '{"id":"1"}', "the header X-Item is missing"],
  ["a body that is no JSON", 200, "application/json", "<p>", "the body is not json"],
])("fails the test in which a server answers with %s that is not declared", async (_what, status, type, body, problem) => {
  const problems = await reported(status, type, body);
  expect(problems).toHaveLength(1);
  expect(problems[0]).toContain(`GET /v1/planted ${status}: `);
  expect(problems[0]).toContain(problem);
});
