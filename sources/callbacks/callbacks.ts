import type { Config } from "../../config/schema.js";
import type { Readings } from "../../processors/reading.js";
import { CarillonError } from "../../schemas/errors.js";
import type { Channel } from "../../schemas/generated.js";
import { readScopedName } from "../../sinks/own/scoped-name.js";
import type { CallbackRequest, ProviderIdentity } from "../../sinks/providers/definition.js";
import { definitionOf } from "../../sinks/providers/registry.js";
import { parseJson } from "../../wire/parse-json.js";
import type { Taken } from "../intake.js";
import { refuseCallback } from "./callback-auth.js";
import { type CallbackTarget, readCallback } from "./read-callback.js";
import { createSnsMessages, type SnsMessages } from "./sns-message.js";

export interface CallbackDependencies {
  readonly config: Config;
  /** The channels of each provider in use. */
  readonly channelsOf: (provider: string) => readonly Channel[];
  /** Resolves once the log has stored the callback's events, and the callback itself if it is unreadable. */
  readonly receive: (identity: ProviderIdentity, request: CallbackRequest, readings: Readings) => Promise<Taken>;
  /** The own provider of a tenant, by its scoped name. */
  readonly ownTargetOf?: (name: string) => Promise<CallbackTarget | undefined>;
  readonly sns?: SnsMessages;
}

/** The answer to a callback. */
export type CallbackAnswer =
  | { readonly status: 204 }
  | { readonly status: 400 | 401 | 404; readonly detail: string }
  | { readonly status: 429; readonly detail: string; readonly waitSeconds: number };

export interface Callbacks {
  /** Whether a provider of the configuration with this name accepts callbacks. */
  knows(provider: string): boolean;
  /** Resolves once the log has stored the events. Rejects UNAVAILABLE if it cannot now, so that the provider retries. */
  take(provider: string, request: CallbackRequest, address: string): Promise<CallbackAnswer>;
  /** Parses a kept callback again. Throws CALLBACK_REFUSED if it is still unreadable. */
  reread(provider: string, request: CallbackRequest): Promise<void>;
}

/** Source: SNS developer guide, Amazon SNS raw message delivery. */
const isRaw = ({ headers }: CallbackRequest): boolean => String(headers["x-amz-sns-rawdelivery"]).toLowerCase() === "true";

const rawDeliveryProblem =
  "SNS raw message delivery is on, so the message has no signature to verify: disable raw message delivery for the subscription";

const isBySns = (request: CallbackRequest): boolean => request.headers["x-amz-sns-message-type"] !== undefined;

const topicsOf = ({ options: { topicArns } }: CallbackTarget): readonly unknown[] => (Array.isArray(topicArns) ? topicArns : []);

const isSnsAllowed = (target: CallbackTarget, request: CallbackRequest): boolean => {
  const asked = (request.json as { TopicArn?: unknown } | undefined)?.TopicArn;
  return typeof asked === "string" && topicsOf(target).includes(asked);
};

/** The reason to refuse a callback, if there is one. */
const refuse = (target: CallbackTarget, request: CallbackRequest, address: string): string | undefined => {
  const { definition, options } = target;
  const bySns = isBySns(request);
  if (isRaw(request)) return rawDeliveryProblem;
  if (bySns && !isSnsAllowed(target, request)) return "the topic is not one of the provider's topicArns";
  if (!bySns && topicsOf(target).length > 0)
    return "with topicArns, Carillon accepts only signed SNS messages: disable raw message delivery";
  const ownSignature = definition.callbacks?.verify;
  const refused = refuseCallback(options.callback, { request, address }, ownSignature !== undefined || bySns);
  return refused ?? ownSignature?.(request, options);
};

/** The work's result, or its CarillonError. */
const orRefusal = async <T>(work: Promise<T>): Promise<T | CarillonError> => {
  try {
    return await work;
  } catch (error) {
    if (error instanceof CarillonError && error.code === "CALLBACK_REFUSED") return error;
    throw error;
  }
};

/** Receives providers' reports over HTTP. */
export const createCallbacks = (dependencies: CallbackDependencies): Callbacks => {
  const { config, channelsOf, receive, sns = createSnsMessages(), ownTargetOf } = dependencies;
  const configuredTargetOf = (name: string): CallbackTarget | undefined => {
    const options = Object.hasOwn(config.providers, name) ? config.providers[name] : undefined;
    const definition = options && definitionOf(options.type);
    const [channel] = channelsOf(name);
    return options && definition?.callbacks && channel ? { identity: { name, channel }, definition, options } : undefined;
  };
  const targetOf = async (name: string): Promise<CallbackTarget | undefined> =>
    readScopedName(name) ? ownTargetOf?.(name) : configuredTargetOf(name);
  /** SNS wraps its posts and first requests a confirmation. A confirmation request leaves nothing to process. */
  const unwrap = async (request: CallbackRequest): Promise<CallbackRequest | undefined> => {
    if (!isBySns(request)) return request;
    const message = await sns.verify(request.json);
    if (message.Type === "Notification") return { ...request, json: parseJson(message.Message), body: Buffer.from(message.Message) };
    if (message.Type === "SubscriptionConfirmation") await sns.confirm(message);
    return undefined;
  };
  return {
    knows: (name) => configuredTargetOf(name) !== undefined,
    take: async (name, request, address) => {
      const target = await targetOf(name);
      if (!target) return { status: 404, detail: `the provider ${name} is not in use, or sends no callbacks` };
      const refused = refuse(target, request, address);
      if (refused) return { status: 401, detail: refused };
      // a request that is not proven to come from SNS is not stored
      const unwrapped = await orRefusal(unwrap(request));
      if (unwrapped instanceof CarillonError) return { status: 401, detail: unwrapped.message };
      const readings = readCallback(target, unwrapped);
      const { receipts, ignored: left } = await receive(target.identity, request, readings);
      const refusal = readings.find((reading) => reading.kind === "unreadable");
      // readable events are accepted and the rest is kept, so the provider need not send anything again
      if (!refusal || receipts + left > 0) return { status: 204 };
      const { message, fix } = refusal.error;
      return { status: 400, detail: `${message}${fix ? `; ${fix}` : ""}` };
    },
    reread: async (name, request) => {
      const target = await targetOf(name);
      if (!target) throw new CarillonError("CALLBACK_REFUSED", `the provider ${name} is not in use, or sends no callbacks`);
      const readings = readCallback(target, await unwrap(request));
      const refusal = readings.find((reading) => reading.kind === "unreadable");
      if (refusal) throw refusal.error;
      await receive(target.identity, request, readings);
    },
  };
};
