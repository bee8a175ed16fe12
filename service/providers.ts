import type { Config } from "../config/schema.js";
import { maskOf } from "../config/secrets.js";
import type { Provider } from "../processors/provider.js";
import { CarillonError } from "../schemas/errors.js";
import type { Channel } from "../schemas/generated.js";
import type { Outbox } from "../sinks/outbox.js";
import type { ProviderTools } from "../sinks/providers/definition.js";
import { definitionOf } from "../sinks/providers/registry.js";
import { withDeadline } from "../sinks/providers/with-deadline.js";
import { withExchange } from "../sinks/providers/with-exchange.js";
import { maskedReport, withGuardedOutcome } from "../sinks/providers/with-guarded-outcome.js";
import { receiptOf } from "../sources/receipt-of.js";
import type { Clock } from "../stores/clock.js";
import type { DeliveryFamilies } from "../topology/delivery.js";
import type { Codecs } from "../topology/runtime/codecs.js";
import { outgoingOf } from "../topology/runtime/outgoing.js";
import { namesOf } from "./names.js";
import { providersOf } from "./policy.js";
import type { Stores } from "./stores.js";

/** The ways out of each channel. */
export type Providers = Readonly<Record<Channel, readonly Provider[]>>;

export const allProviders = ({ email, sms, push }: Providers): readonly Provider[] => [...email, ...sms, ...push];

/** The configured ways out of each channel, every call with a deadline. Only the libraries that they need are loaded. */
export const createProviders = async (config: Config, tools: ProviderTools): Promise<Providers> => {
  const create = async (channel: Channel, name: string): Promise<Provider> => {
    const options = config.providers[name];
    const definition = options && definitionOf(options.type);
    if (!options || !definition) throw new CarillonError("CONFIG_INVALID", `there is no provider ${name}`);
    const provider = await definition.create({ name, channel }, options, tools);
    const { keepExchanges, maxRetryAfterMs } = config.delivery;
    const mask = maskOf(config);
    const kept = withGuardedOutcome(withExchange(provider, keepExchanges, mask), { mask, maxRetryAfterMs });
    return withDeadline(kept, tools.sendTimeoutMs, tools.clock);
  };
  const ofChannel = (channel: Channel): Promise<Provider[]> =>
    Promise.all(providersOf(config.channels[channel]).map((name) => create(channel, name)));
  const [email, sms, push] = await Promise.all([ofChannel("email"), ofChannel("sms"), ofChannel("push")]);
  return { email, sms, push };
};

/** What the providers of a process are made with. */
export const toolsOf = (
  config: Config,
  stores: Pick<Stores, "log" | "timers">,
  families: DeliveryFamilies,
  codecs: Codecs,
  outbox: Outbox,
  clock: Clock,
  onTrouble: ProviderTools["onTrouble"],
): ProviderTools => {
  const { topicOf } = namesOf(config);
  return {
    clock,
    sendTimeoutMs: config.delivery.sendTimeoutMs,
    aws: config.aws,
    outbox,
    onTrouble,
    reportLater: (receipt, dueAtMs) =>
      stores.timers.schedule([
        { id: `sandbox:${receipt.receiptId}`, dueAtMs, record: outgoingOf(families.receipts, receipt, codecs, topicOf) },
      ]),
    report: (identity, reports) =>
      stores.log.append(
        reports.map((report) =>
          outgoingOf(families.receipts, receiptOf(identity, maskedReport(report, maskOf(config)), clock.now()), codecs, topicOf),
        ),
      ),
  };
};
