import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import type { DeadLetters, LetterFilter, StoredDeadLetter } from "../../operations/dead-letters/dead-letters.js";
import { wholeNumber } from "../../reports/parameters.js";
import { CarillonError } from "../../schemas/errors.js";
import type { DeadLetterView } from "../console/views.js";
import { parametersOf } from "./parameters-of.js";
import { answerRefusal } from "./report-routes.js";

const mostRead = 100_000;
const headBytes = 512;

const instant = z.iso
  .datetime({ offset: true })
  .transform((text) => Date.parse(text))
  .optional();

const filterFields = {
  state: z.enum(["waits", "redriven", "discarded"]).optional().describe("give waits, redriven or discarded"),
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

const letterFilterOf = ({ since, until, ...rest }: Partial<z.output<typeof listParameters>>): LetterFilter => {
  const { limit: _, ...filter } = rest as typeof rest & { readonly limit?: number };
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
  state: settled?.how ?? "waits",
  settledAt: settled?.at ?? null,
  reason: settled?.reason ?? null,
});

const forOperators = { config: { access: "operator" } } as const;

/** Lists, redrives and discards dead letters. */
export const deadLetterRoutes = (app: FastifyInstance, letters: DeadLetters): void => {
  const chosen = async ({
    ids,
    filter,
  }: {
    readonly ids?: readonly string[];
    readonly filter?: object;
  }): Promise<readonly StoredDeadLetter[]> => {
    if (ids === undefined && filter === undefined)
      throw new CarillonError("INPUT_INVALID", "no dead letters are selected", {
        field: "ids",
        fix: "give ids, or a filter ({} selects all pending dead letters)",
      });
    const all = await letters.list({ ...letterFilterOf(filter ?? {}), state: "waits" }, mostRead);
    return ids === undefined ? all : all.filter(({ letter }) => ids.includes(letter.deadLetterId));
  };
  const act = async <Schema extends z.ZodObject>(
    request: FastifyRequest,
    reply: FastifyReply,
    schema: Schema,
    work: (given: z.output<Schema>) => Promise<unknown>,
  ): Promise<FastifyReply> => {
    const given = request.method === "GET" ? parametersOf(schema, request.query, reply) : parametersOf(schema, request.body, reply, "body");
    if (!given) return reply;
    try {
      return await reply.send(await work(given));
    } catch (error) {
      return answerRefusal(reply, error);
    }
  };

  app.get("/v1/dead-letters", forOperators, (request, reply) =>
    act(request, reply, listParameters, async (given) => {
      const found = await letters.list(letterFilterOf(given), mostRead);
      return { total: found.length, letters: found.slice(-given.limit).reverse().map(viewOf) };
    }),
  );
  app.post("/v1/dead-letters/redrive", forOperators, (request, reply) =>
    act(request, reply, redriveBody, async ({ perSecond, ...given }) => ({
      redriven: await letters.redrive(await chosen(given), perSecond === undefined ? {} : { perSecond }),
    })),
  );
  app.post("/v1/dead-letters/discard", forOperators, (request, reply) =>
    act(request, reply, discardBody, async ({ reason, ...given }) => ({ discarded: await letters.discard(await chosen(given), reason) })),
  );
};
