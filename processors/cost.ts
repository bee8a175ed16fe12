import type { DispatchCommand } from "../schemas/generated.js";
import type { DeliveryPolicy } from "./policy.js";

/** The cost of an attempt, for its lineage; empty if no price is configured. The longest matching prefix applies. */
export const costOf = (command: DispatchCommand, provider: string, policy: DeliveryPolicy): Readonly<Record<string, string>> => {
  const prices = (Object.hasOwn(policy.providers, provider) ? policy.providers[provider]?.prices : undefined) ?? [];
  const [price] = prices
    .filter(({ prefix }) => command.to.startsWith(prefix))
    .sort((one, other) => other.prefix.length - one.prefix.length);
  if (!price) return {};
  const units = Math.max(command.segments, 1);
  const cost = Number((price.amount * units).toFixed(6));
  return { cost: String(cost), costMode: price.mode, ...(price.currency ? { currency: price.currency } : {}) };
};
