import type { Finding } from "../channels/finding.js";
import type { CheckedMessage } from "../client/check-message.js";
import type { Config } from "../config/schema.js";
import { fits } from "../sinks/routing/routing.js";
import { routingPolicyOf } from "../sinks/routing/routing-policy.js";

/** The error of a message of a test key; undefined if every provider of its route is a sandbox. */
export type SandboxCheck = (message: Pick<CheckedMessage, "channel" | "lane" | "to">, tenant: string) => Finding | undefined;

/** Test keys reach sandboxes only: no retry of a message may end at another provider. */
export const createSandboxCheck = (config: Config): SandboxCheck => {
  const { routes } = routingPolicyOf(config);
  return ({ channel, lane, to }, tenant) => {
    const providers = routes[channel].find((route) => fits(route, { tenant, lane, to }))?.providers ?? [];
    if (providers.every(({ name }) => config.providers[name]?.type === "sandbox")) return undefined;
    return {
      field: "to",
      reason: "invalid_request",
      problem: "cannot be reached with a test key: its messages reach the sandbox only",
      fix: `use a live key, or a recipient whose route in channels.${channel} has only the sandbox`,
    };
  };
};
