import { v7 as uuidInOrder } from "uuid";
import type { Config } from "../config/schema.js";
import { maskOf } from "../config/secrets.js";
import { type CarillonError, messageOf } from "../schemas/errors.js";
import type { DeadLetter } from "../schemas/generated.js";
import type { Mask } from "../schemas/secret-mask.js";
import { channels } from "../schemas/vocabulary.js";
import type { CallbackRequest } from "../sinks/providers/definition.js";
import { callbackRequestOf, type RawCallback } from "../sources/callbacks/callback-request.js";
import { type Callbacks, createCallbacks } from "../sources/callbacks/callbacks.js";
import type { Clock } from "../stores/clock.js";
import { outgoingOf } from "../topology/runtime/outgoing.js";
import type { Assembly } from "./assemble.js";
import { namesOf } from "./names.js";
import { providersOf } from "./policy.js";
import type { Stores } from "./stores.js";

const origin = "callbacks/";

/** The provider whose callback a dead letter holds; undefined where it holds something else. */
export const callbackProviderOf = ({ topic }: DeadLetter): string | undefined =>
  topic.startsWith(origin) ? topic.slice(origin.length) : undefined;

interface KeptRequest extends Omit<RawCallback, "body"> {
  readonly body: string;
}

/** The callback that a dead letter holds. */
export const callbackOf = ({ value }: DeadLetter): CallbackRequest => {
  const kept = JSON.parse(value?.toString() ?? "") as KeptRequest;
  return callbackRequestOf({ ...kept, body: Buffer.from(kept.body, "base64") });
};

/** As it came, but for what proves who it is from, and for secrets that it gives back. */
const keptOf = ({ method, url, headers, body }: CallbackRequest, mask: Mask): KeptRequest => {
  const { authorization: _, "x-callback-token": __, ...others } = headers;
  const kept = Object.entries(others).map(([name, value]) => [name, typeof value === "string" ? mask(value) : value?.map(mask)]);
  const text = body.toString();
  // bytes that are no text are kept as they came
  const masked = Buffer.from(text).equals(body) ? Buffer.from(mask(text)) : body;
  return {
    method,
    url: mask(url.replace(/([?&]token=)[^&]*/, "$1***")),
    headers: Object.fromEntries(kept) as KeptRequest["headers"],
    body: masked.toString("base64"),
  };
};

/** What providers report over HTTP; what cannot be read is kept in dead-letters, to be read once more when it can. */
export const callbacksOf = (
  config: Config,
  stores: Pick<Stores, "log">,
  assembly: Assembly,
  clock: Clock,
  /** Told of each callback: providers wait for their answers. */
  onCallback: () => void = () => undefined,
): Callbacks => {
  const { families, codecs, tools } = assembly;
  const { topicOf } = namesOf(config);
  const letterOf = (provider: string, request: CallbackRequest, error: CarillonError): DeadLetter => ({
    deadLetterId: `${origin}${provider}/${uuidInOrder()}`,
    topic: `${origin}${provider}`,
    partition: 0,
    offset: 0,
    key: null,
    value: Buffer.from(JSON.stringify(keptOf(request, maskOf(config)))),
    headers: {},
    timestamp: clock.now(),
    stage: "callback",
    errorCode: error.code,
    errorMessage: maskOf(config)(messageOf(error)),
    at: clock.now(),
    instance: config.instance,
  });
  return createCallbacks({
    config,
    channelsOf: (provider) => channels.filter((channel) => providersOf(config.channels[channel]).includes(provider)),
    report: (identity, reports) => {
      onCallback();
      return tools.report(identity, reports);
    },
    keep: (provider, request, error) =>
      stores.log.append([outgoingOf(families.deadLetters, letterOf(provider, request, error), codecs, topicOf)]),
  });
};
