import { byChannel } from "../channels/by-channel.js";
import type { Provider } from "../processors/provider.js";
import { CarillonError } from "../schemas/errors.js";
import type { Channel } from "../schemas/generated.js";
import { channels } from "../schemas/vocabulary.js";
import type { Providers } from "../sinks/providers/providers.js";
import { withDeadline } from "../sinks/providers/with-deadline.js";
import type { Clock } from "../stores/clock.js";

const fix = "return a list of providers for each channel, such as (configured) => ({ ...configured, sms: [mine] })";

const isObject = (given: unknown): given is Readonly<Record<string, unknown>> => typeof given === "object" && given !== null;

const providerProblems = (given: unknown, channel: Channel, place: string): string[] => {
  if (!isObject(given)) return [`${place} is not a provider`];
  const missing = ["send", "healthCheck", "close"].filter((method) => typeof given[method] !== "function");
  return [
    ...(typeof given.name === "string" && given.name !== "" ? [] : [`${place} has no name`]),
    ...(given.channel === channel ? [] : [`${place} has the channel ${JSON.stringify(given.channel)}: write "${channel}"`]),
    ...missing.map((method) => `${place} has no method ${method}`),
  ];
};

const channelProblems = (given: unknown, channel: Channel): string[] => {
  if (!Array.isArray(given)) return [`${channel} is not a list of providers`];
  if (given.length === 0) return [`${channel} has no provider`];
  return given.flatMap((provider: unknown, index) => providerProblems(provider, channel, `${channel}[${index}]`));
};

const check = (given: unknown): void => {
  const problems = isObject(given)
    ? channels.flatMap((channel) => channelProblems(given[channel], channel))
    : ["the function returned no object"];
  if (problems.length === 0) return;
  throw new CarillonError("INPUT_INVALID", `providers of the test are invalid:\n  ${problems.join("\n  ")}`, { field: "providers", fix });
};

/**
 * A test's own providers, with the deadline of every call that configured providers have. Throws INPUT_INVALID and lists every problem of
 * the function's result.
 */
export const testProviders =
  (replace: (configured: Providers) => Providers, sendTimeoutMs: number, clock: Clock) =>
  (configured: Providers): Providers => {
    const given = replace(configured);
    check(given);
    const own = (channel: Channel) => (provider: Provider) =>
      configured[channel].includes(provider) ? provider : withDeadline(provider, sendTimeoutMs, clock);
    return byChannel((channel) => given[channel].map(own(channel)));
  };
