import { v7 as uuidInOrder } from "uuid";
import type { Config } from "../../config/schema.js";
import { maskOf } from "../../config/secrets.js";
import type { CarillonError } from "../../schemas/errors.js";
import type { DeadLetter } from "../../schemas/generated.js";
import type { Source } from "../../sources/intake.js";

/** Stands for the topic in dead letters of units from outside. */
const origins: Readonly<Record<Source, string>> = {
  callback: "callbacks",
  queue: "queues",
  log: "logs",
  connection: "connections",
  pull: "pulls",
};

/** The origin of a dead letter's unit; undefined if it is a record of a topic. */
export const originOfLetter = ({
  topic,
}: Pick<DeadLetter, "topic">): { readonly source: Source; readonly provider: string } | undefined => {
  const [origin, ...name] = topic.split("/");
  const source = (Object.keys(origins) as Source[]).find((candidate) => origins[candidate] === origin);
  return source && name.length > 0 ? { source, provider: name.join("/") } : undefined;
};

/** The dead letter of an unreadable unit, with its bytes. */
export const receivedLetterOf = (
  config: Config,
  source: Source,
  provider: string,
  original: Buffer,
  { code, message, fix }: CarillonError,
  nowMs: number,
): DeadLetter => {
  const topic = `${origins[source]}/${provider}`;
  return {
    deadLetterId: `${topic}/${uuidInOrder()}`,
    topic,
    partition: 0,
    offset: 0,
    key: null,
    value: original,
    headers: {},
    timestamp: nowMs,
    stage: source,
    errorCode: code,
    errorMessage: maskOf(config)(fix ? `${message} (${fix})` : message),
    at: nowMs,
    instance: config.instance,
  };
};
