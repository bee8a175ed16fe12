import { Readable } from "node:stream";
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import type { DeadLetters } from "../../operations/dead-letters/dead-letters.js";
import type { LetterFilter, StoredDeadLetter } from "../../operations/dead-letters/letter-pages.js";
import { letterViewOf, withoutBytes } from "../../operations/dead-letters/letter-view.js";
import { wholeNumber } from "../../reports/parameters.js";
import { CarillonError } from "../../schemas/errors.js";
import type { DeadLetterView } from "../console/views.js";
import { forOperators } from "../for-operators.js";
import type { AnswerWork } from "../work/long-work.js";
import { parametersOf } from "./parameters-of.js";

const headBytes = 512;

const instant = z.iso
  .datetime({ offset: true })
  .transform((text) => Date.parse(text))
  .optional();

const filterFields = {
  state: z.enum(["pending", "redriven", "discarded"]).optional().describe("give pending, redriven or discarded"),
  code: z.string().max(100).optional().describe("give an error code of at most 100 characters"),
  stage: z.string().max(100).optional().describe("give the name of a stage"),
  topic: z.string().max(200).optional().describe("give the name of a topic, or its beginning"),
  since: instant.describe("give a time in ISO 8601 such as 2027-01-31T09:00:00Z"),
  until: instant.describe("give a time in ISO 8601 such as 2027-01-31T09:00:00Z"),
  text: z.string().max(200).optional().describe("give at most 200 characters of the error or ID"),
};

const listParameters = z.strictObject({
  ...filterFields,
  limit: wholeNumber(1, 1_000).default(200).describe("give a whole number from 1 to 1000"),
});
const exportParameters = z.strictObject({
  ...filterFields,
  id: z.string().min(1).max(300).optional().describe("give the id of a dead letter"),
  bytes: z
    .enum(["true", "false"])
    .default("true")
    .transform((given) => given === "true")
    .describe("give false to leave out key, value and headers"),
});
const choice = {
  ids: z.array(z.string().min(1).max(300)).min(1).max(1_000).optional().describe("give a list of 1 to 1000 ids of dead letters"),
  filter: z
    .strictObject(filterFields)
    .optional()
    .describe("give an object with the parameters of GET /v1/dead-letters; {} selects all pending dead letters"),
};
const redriveBody = z.strictObject({
  ...choice,
  perSecond: z.number().positive().max(100_000).optional().describe("give dead letters per second, above 0 and at most 100000"),
});
const discardBody = z.strictObject({
  ...choice,
  reason: z.string().trim().min(1).max(500).describe("give the reason in 1 to 500 characters"),
});

type Filter = { readonly [Name in keyof typeof filterFields]?: z.output<(typeof filterFields)[Name]> };

const letterFilterOf = ({ since, until, state, code, stage, topic, text }: Filter): LetterFilter => {
  const filter = { state, code, stage, topic, text };
  return {
    ...(Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== undefined)) as LetterFilter),
    ...(since === undefined ? {} : { sinceMs: since }),
    ...(until === undefined ? {} : { untilMs: until }),
  };
};

const viewOf = ({ letter, settled }: StoredDeadLetter): DeadLetterView => ({
  id: letter.deadLetterId,
  at: new Date(letter.at).toISOString(),
  topic: letter.topic,
  stage: letter.stage,
  code: letter.errorCode,
  message: letter.errorMessage,
  bytes: letter.value?.length ?? 0,
  head: letter.value?.subarray(0, headBytes).toString("hex") ?? "",
  state: settled?.how ?? "pending",
  settledAt: settled?.at ?? null,
  reason: settled?.reason ?? null,
});

/** The number of letters, and the latest ones, oldest first. */
const latestOf = async (pages: AsyncIterable<readonly StoredDeadLetter[]>, limit: number) => {
  let total = 0;
  let latest: StoredDeadLetter[] = [];
  for await (const page of pages) {
    total += page.length;
    latest = [...latest, ...page].slice(-limit);
  }
  return { total, latest };
};

/** Lists, redrives and discards dead letters. */
export const deadLetterRoutes = (app: FastifyInstance, letters: DeadLetters, answerWork: AnswerWork): void => {
  const chosen = ({
    ids,
    filter,
  }: {
    readonly ids?: readonly string[] | undefined;
    readonly filter?: Filter | undefined;
  }): AsyncIterable<readonly StoredDeadLetter[]> => {
    if (ids === undefined && filter === undefined)
      throw new CarillonError("INPUT_INVALID", "no dead letters are selected", {
        field: "ids",
        fix: "give ids, or a filter ({} selects all pending dead letters)",
      });
    return letters.pages({ ...letterFilterOf(filter ?? {}), ...(ids === undefined ? {} : { ids }), state: "pending" });
  };

  app.get("/v1/dead-letters", forOperators, async (request, reply) => {
    const given = parametersOf(listParameters, request.query, reply);
    if (!given) return reply;
    const { total, latest } = await latestOf(letters.pages(letterFilterOf(given)), given.limit);
    return reply.send({ total, letters: latest.reverse().map(viewOf) });
  });

  // a HEAD request would read all of them, too
  app.get("/v1/dead-letters/_export", { ...forOperators, exposeHeadRoute: false }, async (request, reply) => {
    const given = parametersOf(exportParameters, request.query, reply);
    if (!given) return reply;
    const { id, bytes } = given;
    const found = letters.pages({ ...letterFilterOf(given), ...(id === undefined ? {} : { ids: [id] }) });
    const lines = async function* (): AsyncGenerator<string> {
      for await (const page of found)
        for (const stored of page) yield `${JSON.stringify(bytes ? letterViewOf(stored) : withoutBytes(letterViewOf(stored)))}\n`;
    };
    return reply.type("application/x-ndjson").send(Readable.from(lines()));
  });

  app.post("/v1/dead-letters/redrive", forOperators, async (request, reply) => {
    const given = parametersOf(redriveBody, request.body, reply, "body");
    if (!given) return reply;
    const { perSecond } = given;
    return answerWork(request, reply, async ({ progress, signal }) => {
      const options = { ...(perSecond === undefined ? {} : { perSecond }), onProgress: progress, signal };
      return { redriven: await letters.redrive(chosen(given), options) };
    });
  });

  app.post("/v1/dead-letters/discard", forOperators, async (request, reply) => {
    const given = parametersOf(discardBody, request.body, reply, "body");
    if (!given) return reply;
    return answerWork(request, reply, async () => ({ discarded: await letters.discard(chosen(given), given.reason) }));
  });
};
