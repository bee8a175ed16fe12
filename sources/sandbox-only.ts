import type { Finding } from "../channels/finding.js";
import type { CheckedMessage } from "../client/check-message.js";
import type { Config } from "../config/schema.js";
import type { OwnCatalog } from "../sinks/own/own-catalog.js";
import { fits } from "../sinks/routing/configured-ways.js";
import { routingPolicyOf } from "../sinks/routing/routing-policy.js";

/** The error of a message of a test key; undefined if every provider of its route is a sandbox. */
export type SandboxCheck = (message: Pick<CheckedMessage, "channel" | "lane" | "to">, tenant: string) => Finding | undefined;

/** Test keys reach sandboxes only: no retry of a message may end at another provider. */
export const createSandboxCheck = (config: Config, own?: Pick<OwnCatalog, "routeOf">): SandboxCheck => {
  const { routes } = routingPolicyOf(config);
  const isSandbox = (name: string): boolean => Object.hasOwn(config.providers, name) && config.providers[name]?.type === "sandbox";
  return ({ channel, lane, to }, tenant) => {
    const steps = own?.routeOf({ tenant, channel });
    const providers = routes[channel].find((route) => fits(route, { tenant, lane, to }))?.providers ?? [];
    const isSafe = steps
      ? steps.every((step) => "shared" in step && isSandbox(step.shared))
      : providers.every(({ name }) => isSandbox(name));
    if (isSafe) return undefined;
    return {
      field: "to",
      reason: "invalid_request",
      problem: "cannot be reached with a test key: its messages reach the sandbox only",
      fix: `use a live key, or a recipient whose route in channels.${channel} has only the sandbox`,
    };
  };
};
