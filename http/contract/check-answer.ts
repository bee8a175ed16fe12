import type { z } from "zod";
import type { Answer, BodyForm, Media } from "./answers.js";
import type { RouteContract } from "./route-contract.js";

/** An answer as it is sent. `body` is undefined if it is a stream of bytes, or not read. */
export interface SentAnswer {
  readonly status: number;
  readonly type: string | undefined;
  readonly body: string | undefined;
  /** A header by its name in lower case. */
  header(name: string): string | undefined;
}

const linesOf = (body: string): readonly string[] => body.split("\n").filter((line) => line.trim() !== "");

const valuesOf: Readonly<Record<BodyForm, (body: string) => readonly unknown[]>> = {
  json: (body) => [JSON.parse(body)],
  lines: (body) => linesOf(body).map((line) => JSON.parse(line)),
  events: (body) =>
    linesOf(body)
      .filter((line) => line.startsWith("data: "))
      .map((line) => JSON.parse(line.slice("data: ".length))),
  text: () => [],
  bytes: () => [],
};

const wordsOf = ({ path, message }: z.core.$ZodIssue): string => `${path.join(".") || "the body"}: ${message}`;

const bodyProblems = ({ form, schema }: Media, body: string): readonly string[] => {
  try {
    return valuesOf[form](body).flatMap((value) => schema.safeParse(value).error?.issues.map(wordsOf) ?? []);
  } catch (error) {
    return [`the body is not ${form}: ${String(error)}`];
  }
};

const headerProblems = ({ headers = {} }: Answer, sent: SentAnswer): readonly string[] =>
  Object.entries(headers)
    .filter(([name, { always }]) => always !== false && sent.header(name.toLowerCase()) === undefined)
    .map(([name]) => `the header ${name} is missing`);

const contentProblems = ({ content }: Answer, { status, type: given, body }: SentAnswer): readonly string[] => {
  const type = given?.split(";")[0]?.trim().toLowerCase();
  if (type === undefined) return body ? ["the body has no type"] : [];
  const media = content[type];
  if (!media) return [`the type ${type} is not declared for ${status}`];
  return body === undefined ? [] : bodyProblems(media, body);
};

/** How an answer differs from its route's contract. Empty: not at all. */
export const answerProblems = ({ answers }: Pick<RouteContract, "answers">, sent: SentAnswer): readonly string[] => {
  const answer = answers[sent.status];
  return answer ? [...headerProblems(answer, sent), ...contentProblems(answer, sent)] : [`the status ${sent.status} is not declared`];
};
