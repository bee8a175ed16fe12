import { Readable } from "node:stream";
import type { FastifyInstance } from "fastify";
import type { z } from "zod";
import type { DeadLetters } from "../../operations/dead-letters/dead-letters.js";
import type { LetterFilter, StoredDeadLetter } from "../../operations/dead-letters/letter-pages.js";
import { letterViewOf, withoutBytes } from "../../operations/dead-letters/letter-view.js";
import { cursorOf, type Position, positionOf } from "../../reports/cursor.js";
import { CarillonError } from "../../schemas/errors.js";
import type { DeadLetterView } from "../console/views.js";
import { listOf } from "../contract/list.js";
import { addRoute } from "../contract/route-contract.js";
import { answerRefusal } from "../refusals.js";
import type { AnswerWork } from "../work/long-work.js";
import { discardDeadLetters, exportDeadLetters, listDeadLetters, redriveDeadLetters } from "./contracts/dead-letter-contracts.js";
import { parametersOf } from "./parameters-of.js";

const headBytes = 512;

type Filter = Omit<z.output<(typeof listDeadLetters)["query"]>, "limit" | "cursor">;

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

const positionIn = ({ letter }: StoredDeadLetter): Position => ({ atMs: letter.at, id: letter.deadLetterId });
const compareText = (one: string, other: string): number => (one === other ? 0 : one < other ? -1 : 1);
const newestFirst = (one: Position, other: Position): number => other.atMs - one.atMs || compareText(other.id, one.id);

/** The number of all letters, and the latest ones before a position. `cursor`: continues after them; null if there are no more. */
const latestOf = async (pages: AsyncIterable<readonly StoredDeadLetter[]>, limit: number, before: Position | undefined) => {
  let total = 0;
  let latest: StoredDeadLetter[] = [];
  for await (const page of pages) {
    total += page.length;
    const wanted = before ? page.filter((stored) => newestFirst(before, positionIn(stored)) < 0) : page;
    const known = [...latest, ...wanted].sort((one, other) => newestFirst(positionIn(one), positionIn(other)));
    latest = known.slice(0, limit + 1); // one more shows whether there are more
  }
  const items = latest.slice(0, limit);
  const last = items.at(-1);
  return { total, items, cursor: latest.length > limit && last ? cursorOf(positionIn(last)) : null };
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

  addRoute(app, listDeadLetters, async (request, reply) => {
    const given = parametersOf(listDeadLetters.query, request.query, reply);
    if (!given) return reply;
    try {
      const before = given.cursor === undefined ? undefined : positionOf(given.cursor, "cursor");
      const { total, items, cursor } = await latestOf(letters.pages(letterFilterOf(given)), given.limit, before);
      return reply.send({ ...listOf(items.map(viewOf), cursor), total });
    } catch (error) {
      return answerRefusal(reply, error);
    }
  });

  addRoute(app, exportDeadLetters, async (request, reply) => {
    const given = parametersOf(exportDeadLetters.query, request.query, reply);
    if (!given) return reply;
    const { id, bytes } = given;
    const found = letters.pages({ ...letterFilterOf(given), ...(id === undefined ? {} : { ids: [id] }) });
    const lines = async function* (): AsyncGenerator<string> {
      for await (const page of found)
        for (const stored of page) yield `${JSON.stringify(bytes ? letterViewOf(stored) : withoutBytes(letterViewOf(stored)))}\n`;
    };
    return reply.type("application/x-ndjson").send(Readable.from(lines()));
  });

  addRoute(app, redriveDeadLetters, async (request, reply) => {
    const given = parametersOf(redriveDeadLetters.body, request.body, reply, "body");
    if (!given) return reply;
    const { perSecond } = given;
    return answerWork(request, reply, async ({ progress, signal }) => {
      const options = { ...(perSecond === undefined ? {} : { perSecond }), onProgress: progress, signal };
      return { redriven: await letters.redrive(chosen(given), options) };
    });
  });

  addRoute(app, discardDeadLetters, async (request, reply) => {
    const given = parametersOf(discardDeadLetters.body, request.body, reply, "body");
    if (!given) return reply;
    return answerWork(request, reply, async () => ({ discarded: await letters.discard(chosen(given), given.reason) }));
  });
};
