import { z } from "zod";
import type { LetterFilter } from "../../operations/dead-letters/letter-pages.js";
import type { LetterView } from "../../operations/dead-letters/letter-view.js";
import { CarillonError } from "../../schemas/errors.js";
import type { LetterChoice, Letters } from "../deployment/deployment.js";
import type { Connection } from "./connection.js";
import { parsedJson } from "./refused.js";

const letterShape = z.looseObject({
  deadLetterId: z.string(),
  at: z.string(),
  stage: z.string(),
  errorCode: z.string(),
  state: z.string(),
});
const redrivenShape = z.looseObject({ redriven: z.number() });
const discardedShape = z.looseObject({ discarded: z.number() });

const filterOf = ({ sinceMs, untilMs, ids: _ids, ...filter }: LetterFilter): Readonly<Record<string, string | undefined>> => ({
  ...filter,
  since: sinceMs === undefined ? undefined : new Date(sinceMs).toISOString(),
  until: untilMs === undefined ? undefined : new Date(untilMs).toISOString(),
});

const choiceOf = (choice: LetterChoice): object => ("id" in choice ? { ids: [choice.id] } : { filter: filterOf(choice.filter) });

const letterOf = (line: string): LetterView => {
  const read = parsedJson(line);
  if (!letterShape.safeParse(read).success)
    throw new CarillonError("SERVER_INCOMPATIBLE", "the server sent a dead letter in an unknown form");
  return read as LetterView;
};

export const remoteLetters = (connection: Connection): Letters => {
  const read = async (query: Readonly<Record<string, string | undefined>>): Promise<LetterView[]> => {
    const found: LetterView[] = [];
    for await (const line of connection.lines({ path: "/v1/dead-letters/_export", query })) found.push(letterOf(line));
    return found;
  };
  return {
    list: (filter, withBytes) => read({ ...filterOf(filter), bytes: String(withBytes) }),
    find: async (id) => (await read({ id }))[0],
    redrive: async (choice, perSecond, onProgress) => {
      const body = { ...choiceOf(choice), perSecond };
      const question = { method: "POST", path: "/v1/dead-letters/redrive", body } as const;
      return (await connection.work<{ redriven: number }>(question, redrivenShape, onProgress)).redriven;
    },
    discard: async (choice, reason) => {
      const question = { method: "POST", path: "/v1/dead-letters/discard", body: { ...choiceOf(choice), reason } } as const;
      return (await connection.work<{ discarded: number }>(question, discardedShape)).discarded;
    },
  };
};
