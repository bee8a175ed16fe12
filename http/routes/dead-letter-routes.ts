import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import type { DeadLetters, LetterFilter, StoredDeadLetter } from "../../operations/dead-letters/dead-letters.js";
import { wholeNumber } from "../../reports/parameters.js";
import { CarillonError } from "../../schemas/errors.js";
import type { DeadLetterView } from "../console/views.js";
import { answerRefusal, parametersOf } from "./report-routes.js";

const mostRead = 100_000;
const headBytes = 512;

const instant = z.iso
  .datetime({ offset: true })
  .transform((text) => Date.parse(text))
  .optional();

const filterFields = {
  state: z.enum(["waits", "redriven", "discarded"]).optional().describe("waits, redriven or discarded"),
  code: z.string().max(100).optional().describe("error code"),
  stage: z.string().max(100).optional().describe("the stage that gave it up"),
  topic: z.string().max(200).optional().describe("topic, or its beginning"),
  since: instant.describe("given up since then, ISO 8601"),
  until: instant.describe("given up before then, ISO 8601"),
  text: z.string().max(200).optional().describe("part of the error or the id"),
};

const listParameters = z.strictObject({
  ...filterFields,
  limit: wholeNumber(1, 1_000).default(200).describe("most of them"),
});
const choice = {
  ids: z.array(z.string().min(1).max(300)).min(1).max(1_000).optional().describe("which, by id"),
  filter: z.strictObject(filterFields).optional().describe("or all that wait and match"),
};
const redriveBody = z.strictObject({ ...choice, perSecond: z.number().positive().max(100_000).optional().describe("letters a second") });
const discardBody = z.strictObject({ ...choice, reason: z.string().trim().min(1).max(500).describe("why they are given up") });

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

/** Dead letters: listed, put back, given up. */
export const deadLetterRoutes = (app: FastifyInstance, letters: DeadLetters): void => {
  const chosen = async ({
    ids,
    filter,
  }: {
    readonly ids?: readonly string[];
    readonly filter?: object;
  }): Promise<readonly StoredDeadLetter[]> => {
    if (ids === undefined && filter === undefined)
      throw new CarillonError("INPUT_INVALID", "nothing is named", {
        field: "ids",
        fix: "give ids, or a filter ({} for all that wait)",
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
    const given = parametersOf(schema, request.method === "GET" ? request.query : request.body, reply);
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
