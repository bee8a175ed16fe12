import { InvalidArgumentError } from "commander";
import { inWords } from "../channels/in-words.js";
import { conditions, sendableChannels } from "../client/recipient-input.js";
import { duration } from "./arguments.js";

/** A step of a fallback, as in `recipient.fallback` of a message. */
export interface FallbackStep {
  readonly channel: string;
  readonly unless: string;
  readonly afterMs: number;
}

const mostMs = 7 * 86_400_000;

const oneOf = (allowed: readonly string[], given = ""): string => {
  if (!allowed.includes(given)) throw new InvalidArgumentError(`"${given}" is not one of ${inWords(allowed)}.`);
  return given;
};

/** The form of a step, for the description of an option. */
export const stepForm = "channel:condition:time, such as sms:delivered:10min";

/** Adds a step to the ones before it. */
export const collectStep = (text: string, before: readonly FallbackStep[] = []): readonly FallbackStep[] => {
  const [channel, unless, after, ...rest] = text.split(":");
  if (after === undefined || rest.length > 0) throw new InvalidArgumentError(`Give ${stepForm}.`);
  return [...before, { channel: oneOf(sendableChannels, channel), unless: oneOf(conditions, unless), afterMs: duration(mostMs)(after) }];
};
