import type { Config } from "../../config/schema.js";
import type { Report } from "../../processors/provider.js";
import { CarillonError } from "../../schemas/errors.js";
import type { Channel } from "../../schemas/generated.js";
import { parseJson } from "../../schemas/parse-json.js";
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

/** What providers report over HTTP. */
export const createCallbacks = ({ config, channelsOf, report, keep, sns = createSnsMessages() }: CallbackDependencies): Callbacks => {
  const targetOf = (name: string): Target | undefined => {
    const options = Object.hasOwn(config.providers, name) ? config.providers[name] : undefined;
    const definition = options && definitionOf(options.type);
    const [channel] = channelsOf(name);
    return options && definition?.callbacks && channel ? { identity: { name, channel }, definition, options } : undefined;
  };
  const isBySns = (request: CallbackRequest): boolean => request.headers["x-amz-sns-message-type"] !== undefined;
  /** SNS wraps what it posts, and asks before it begins to: nothing is left of such a question. */
  const unwrap = async (request: CallbackRequest): Promise<CallbackRequest | undefined> => {
    if (!isBySns(request)) return request;
    const message = await sns.verify(request.json);
    if (message.Type === "Notification") return { ...request, json: parseJson(message.Message), body: Buffer.from(message.Message) };
    if (message.Type === "SubscriptionConfirmation") await sns.confirm(message);
    return undefined;
  };
  const read = async ({ identity, definition, options }: Target, request: CallbackRequest | undefined): Promise<void> => {
    const reports = request ? (definition.callbacks?.read(request, options) ?? []) : [];
    if (reports.length > 0) await report(identity, reports);
  };
  /** What it comes to, or what is wrong with it where it is not what it should be. */
  const orRefusal = async <T>(work: Promise<T>): Promise<T | CarillonError> => {
    try {
      return await work;
    } catch (error) {
      if (error instanceof CarillonError && error.code === "CALLBACK_REFUSED") return error;
      throw error;
    }
  };
  const isSnsAllowed = ({ options }: Target, request: CallbackRequest): boolean => {
    const topics = options.topicArns;
    const asked = (request.json as { TopicArn?: unknown } | undefined)?.TopicArn;
    return Array.isArray(topics) && typeof asked === "string" && topics.includes(asked);
  };
  const refuse = (target: Target, request: CallbackRequest, address: string): string | undefined => {
    const { definition, options } = target;
    const bySns = isBySns(request);
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
      // whoever cannot prove to be SNS leaves nothing behind
      const unwrapped = await orRefusal(unwrap(request));
      if (unwrapped instanceof CarillonError) return { status: 401, title: "Who reports?", detail: unwrapped.message };
      const wrong = await orRefusal(read(target, unwrapped));
      if (!(wrong instanceof CarillonError)) return { status: 204 };
      await keep(name, request, wrong);
      return { status: 400, title: "The callback is not understood", detail: `${wrong.message}${wrong.fix ? `; ${wrong.fix}` : ""}` };
    },
    reread: async (name, request) => {
      const target = targetOf(name);
      if (!target) throw new CarillonError("CALLBACK_REFUSED", `${name} is not in use, or reports nothing by callbacks`);
      await read(target, await unwrap(request));
    },
  };
};
