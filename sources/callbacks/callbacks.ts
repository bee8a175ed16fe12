import type { Config } from "../../config/schema.js";
import type { Report } from "../../processors/provider.js";
import { CarillonError } from "../../schemas/errors.js";
import type { Channel } from "../../schemas/generated.js";
import type { CallbackRequest, ProviderDefinition, ProviderIdentity } from "../../sinks/providers/definition.js";
import { definitionOf } from "../../sinks/providers/registry.js";
import { refuseCallback } from "./callback-auth.js";
import { createSnsMessages, type SnsMessages } from "./sns-message.js";

export interface CallbackDependencies {
  readonly config: Config;
  /** The channels of each provider that is in use. */
  readonly channelsOf: (provider: string) => readonly Channel[];
  /** Resolves once the log has them. */
  readonly report: (identity: ProviderIdentity, reports: readonly Report[]) => Promise<void>;
  /** Keeps what could not be read, with its bytes. */
  readonly keep: (provider: string, request: CallbackRequest, error: CarillonError) => Promise<void>;
  readonly sns?: SnsMessages;
}

/** How a callback was answered. */
export type CallbackAnswer =
  | { readonly status: 204 }
  | { readonly status: 400 | 401 | 404; readonly title: string; readonly detail: string };

export interface Callbacks {
  /** Resolves once the log has what was reported. Rejects UNAVAILABLE when it cannot have it now: the provider is to ask again. */
  take(provider: string, request: CallbackRequest, address: string): Promise<CallbackAnswer>;
  /** Reads what was kept once more. Throws CALLBACK_REFUSED when it still cannot be read. */
  reread(provider: string, request: CallbackRequest): Promise<void>;
}

interface Target {
  readonly identity: ProviderIdentity;
  readonly definition: ProviderDefinition;
  readonly options: Config["providers"][string];
}

const jsonOf = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/** What providers report over HTTP. */
export const createCallbacks = ({ config, channelsOf, report, keep, sns = createSnsMessages() }: CallbackDependencies): Callbacks => {
  const targetOf = (name: string): Target | undefined => {
    const options = Object.hasOwn(config.providers, name) ? config.providers[name] : undefined;
    const definition = options && definitionOf(options.type);
    const [channel] = channelsOf(name);
    return options && definition?.callbacks && channel ? { identity: { name, channel }, definition, options } : undefined;
  };
  /** SNS wraps what it posts, and asks before it begins to. */
  const unwrap = async (request: CallbackRequest): Promise<CallbackRequest | undefined> => {
    if (request.headers["x-amz-sns-message-type"] === undefined) return request;
    const message = await sns.verify(request.json);
    if (message.Type === "Notification") return { ...request, json: jsonOf(message.Message), body: Buffer.from(message.Message) };
    if (message.Type === "SubscriptionConfirmation") await sns.confirm(message);
    return undefined;
  };
  const read = async ({ identity, definition, options }: Target, request: CallbackRequest): Promise<void> => {
    const unwrapped = await unwrap(request);
    const reports = unwrapped ? (definition.callbacks?.read(unwrapped, options) ?? []) : [];
    if (reports.length > 0) await report(identity, reports);
  };
  const isSnsAllowed = ({ options }: Target, request: CallbackRequest): boolean => {
    const topics = options.topicArns;
    const asked = (request.json as { TopicArn?: unknown } | undefined)?.TopicArn;
    return Array.isArray(topics) && typeof asked === "string" && topics.includes(asked);
  };
  const refuse = (target: Target, request: CallbackRequest, address: string): string | undefined => {
    const { definition, options } = target;
    const bySns = request.headers["x-amz-sns-message-type"] !== undefined;
    if (bySns && !isSnsAllowed(target, request)) return "the topic is not one of the provider's topicArns";
    const ownSignature = definition.callbacks?.verify;
    const refused = ownSignature?.(request, options);
    return refused ?? refuseCallback(options.callback, request, address, ownSignature !== undefined || bySns);
  };
  return {
    take: async (name, request, address) => {
      const target = targetOf(name);
      if (!target)
        return { status: 404, title: "There is no such provider", detail: `${name} is not in use, or reports nothing by callbacks` };
      const refused = refuse(target, request, address);
      if (refused) return { status: 401, title: "Who reports?", detail: refused };
      try {
        await read(target, request);
        return { status: 204 };
      } catch (error) {
        if (!(error instanceof CarillonError) || error.code !== "CALLBACK_REFUSED") throw error;
        await keep(name, request, error);
        return { status: 400, title: "The callback is not understood", detail: `${error.message}${error.fix ? `; ${error.fix}` : ""}` };
      }
    },
    reread: async (name, request) => {
      const target = targetOf(name);
      if (!target) throw new CarillonError("CALLBACK_REFUSED", `${name} is not in use, or reports nothing by callbacks`);
      await read(target, request);
    },
  };
};
