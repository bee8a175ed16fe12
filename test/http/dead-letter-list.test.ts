import Fastify, { type FastifyInstance } from "fastify";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { DeadLetterView } from "../../http/console/views.js";
import type { List } from "../../http/contract/list.js";
import { deadLetterRoutes } from "../../http/routes/dead-letter-routes.js";
import type { DeadLetters } from "../../operations/dead-letters/dead-letters.js";
import type { StoredDeadLetter } from "../../operations/dead-letters/letter-pages.js";

const letterOf = (number: number): StoredDeadLetter => ({
  letter: {
    deadLetterId: `carillon.requests.bulk/0/${number}`,
    topic: "carillon.requests.bulk",
    partition: 0,
    offset: number,
    key: null,
    value: Buffer.from("x"),
    headers: {},
    timestamp: number,
    stage: "validate",
    errorCode: "UNDECODABLE",
    errorMessage: "not Avro",
    instance: "test",
    at: Math.floor(number / 3), // three letters share each time
  },
  settled: undefined,
});

let app: FastifyInstance;
let stored: StoredDeadLetter[];
beforeEach(() => {
  stored = Array.from({ length: 10 }, (_, number) => letterOf(number));
  const pages: DeadLetters["pages"] = async function* ({ state }) {
    const open = stored.filter(({ settled }) => state === undefined || state === (settled?.how ?? "pending"));
    for (let from = 0; from < open.length; from += 4) yield open.slice(from, from + 4);
  };
  app = Fastify();
  deadLetterRoutes(app, { pages } as DeadLetters, async (_request, reply) => reply);
});
afterEach(() => app.close());

const list = async (query: Record<string, string>) => {
  const response = await app.inject({ url: "/v1/dead-letters", query });
  return { status: response.statusCode, body: response.json<List<DeadLetterView> & { readonly total: number }>() };
};

it("lists dead letters in pages, the latest first, each once, also if one is settled in between", async () => {
  const seen: string[] = [];
  let cursor: string | null = null;
  do {
    const { body }: Awaited<ReturnType<typeof list>> = await list({ limit: "3", state: "pending", ...(cursor === null ? {} : { cursor }) });
    seen.push(...body.items.map(({ id }) => id));
    cursor = body.cursor;
    // the last one of a page, which the cursor stands for, is settled before the next page
    stored = stored.map((one) => (one.letter.deadLetterId === seen.at(-1) ? { ...one, settled: { how: "redriven", at: "" } } : one));
  } while (cursor !== null);
  expect(seen).toEqual(Array.from({ length: 10 }, (_, index) => letterOf(9 - index).letter.deadLetterId));
});

it("counts all matching dead letters on every page", async () => {
  const { body } = await list({ limit: "4" });
  expect([body.total, body.items.length]).toEqual([10, 4]);
  const next = (await list({ limit: "7", cursor: body.cursor ?? "" })).body;
  expect([next.total, next.items.length, next.cursor]).toEqual([10, 6, null]);
});

it("refuses a cursor that it did not return", async () => {
  const { status, body } = await list({ cursor: "guessed" });
  expect(status).toBe(400);
  expect(body).toMatchObject({ errors: [{ field: "cursor", problem: "is not a valid cursor", fix: "take it from the previous page" }] });
});
