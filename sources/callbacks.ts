import type { Config } from "../config/schema.js";
import { maskOf } from "../config/secrets.js";
import { CarillonError } from "../schemas/errors.js";
import type { DeadLetter } from "../schemas/generated.js";
import type { Mask } from "../schemas/secret-mask.js";
import { channels } from "../schemas/vocabulary.js";
import type { OwnCatalog } from "../sinks/own/own-catalog.js";
import type { CallbackRequest } from "../sinks/providers/definition.js";
import { providersOf } from "../sinks/routing/routing-policy.js";
import { callbackRequestOf, type RawCallback } from "./callbacks/callback-request.js";
import { type Callbacks, createCallbacks } from "./callbacks/callbacks.js";
import type { CallbackTarget } from "./callbacks/read-callback.js";
import type { Intake } from "./intake.js";

interface KeptRequest extends Omit<RawCallback, "body"> {
  readonly body: string;
}

/** The callback in a dead letter. */
export const callbackOf = ({ value }: DeadLetter): CallbackRequest => {
  const kept = JSON.parse(value?.toString() ?? "") as KeptRequest;
  return callbackRequestOf({ ...kept, body: Buffer.from(kept.body, "base64") });
};

/** The callback as received, without its credentials and with secrets masked. */
const keptOf = ({ method, url, headers, body }: CallbackRequest, mask: Mask): KeptRequest => {
  const { authorization: _, "x-callback-token": __, ...others } = headers;
  const kept = Object.entries(others).map(([name, value]) => [name, typeof value === "string" ? mask(value) : value?.map(mask)]);
  const text = body.toString();
  // binary bodies are kept unchanged
  const masked = Buffer.from(text).equals(body) ? Buffer.from(mask(text)) : body;
  return {
    method,
    url: mask(url.replace(/([?&]token=)[^&]*/, "$1***")),
    headers: Object.fromEntries(kept) as KeptRequest["headers"],
    body: masked.toString("base64"),
  };
};

/** The own provider of a tenant that a callback is for. Rejects UNAVAILABLE if it cannot be opened now, so that the provider retries. */
const ownTargetOf = async (catalog: OwnCatalog, scoped: string): Promise<CallbackTarget | undefined> => {
  const found = await catalog.find(scoped).catch((cause: unknown) => {
    throw new CarillonError("UNAVAILABLE", `the provider ${scoped} cannot be used`, { cause, publicWords: "the provider cannot be used" });
  });
  const channel = found?.definition.channels[0];
  if (!found?.definition.callbacks || !channel) return undefined;
  const { name, definition, options, mask } = found;
  return { identity: { name, channel, own: { receiptTimes: options.receiptTimes, mask } }, definition, options };
};

/** Receives providers' reports over HTTP. Unreadable callbacks are kept as dead letters, to be parsed again later. */
export const callbacksOf = (
  config: Config,
  { intake, ownCatalog }: { readonly intake: Intake; readonly ownCatalog?: OwnCatalog | undefined },
  /** Called for each callback, because providers wait for their answers. */
  onCallback: () => void = () => undefined,
): Callbacks => {
  return createCallbacks({
    config,
    channelsOf: (provider) => channels.filter((channel) => providersOf(config.channels[channel]).includes(provider)),
    ownTargetOf: async (name) => (ownCatalog ? ownTargetOf(ownCatalog, name) : undefined),
    receive: (identity, request, readings) => {
      onCallback();
      const original = Buffer.from(JSON.stringify(keptOf(request, identity.own?.mask ?? maskOf(config))));
      return intake.take(identity, "callback", [{ original, readings }]);
    },
  });
};
