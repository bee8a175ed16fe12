import type { TenantSenders } from "../../access/tenant-rules.js";
import type { Finding } from "../../channels/finding.js";
import { type CheckedMessage, checkMessage } from "../../client/check-message.js";
import type { Config } from "../../config/schema.js";
import { senderRefusal } from "../../processors/sender-policy.js";
import { sendersFor } from "../../processors/senders-for.js";
import type { OwnCatalog } from "../../sinks/own/own-catalog.js";
import type { Clock } from "../../stores/clock.js";
import { channelPolicyOf, limitsOf } from "../../topology/delivery-policy.js";
import { createSandboxCheck } from "../sandbox-only.js";
import { foreignTenant } from "./foreign-tenant.js";
import { forbidden, invalid, type Refused } from "./refused.js";
import type { Sender } from "./sender.js";

/** A message that its sender may send. */
export interface Permitted {
  readonly message: CheckedMessage;
  readonly tenant: string;
  readonly warnings: readonly Finding[];
}

/** The senders in the settings of a tenant, as this process knows them. The stages check them again. */
export type SendersOf = (tenant: string) => TenantSenders;

/** Checks an input by all rules that need no store. */
export type MessageRules = (input: unknown, sender: Sender) => Permitted | Refused;

/** The rules for messages that are accepted here, whichever way they come. */
export const createMessageRules = (
  config: Config,
  clock: Pick<Clock, "now">,
  sendersOf: SendersOf,
  ownCatalog?: Pick<OwnCatalog, "routeOf">,
): MessageRules => {
  const limits = limitsOf(config);
  const sandboxRefusal = createSandboxCheck(config, ownCatalog);
  return (input, { tenant: own, isOperator, isTest }) => {
    const { errors, warnings, message } = checkMessage(input, limits, clock.now());
    if (!message) return invalid(errors);
    const tenant = message.tenant ?? own;
    if (tenant !== own && !isOperator) return foreignTenant(own);
    const { channel, from } = message;
    const unsent = senderRefusal(channel, channelPolicyOf(config, channel), tenant, from, sendersFor(sendersOf(tenant), channel));
    if (unsent) return forbidden(unsent, `the tenant ${tenant} is not allowed to use this sender`);
    const outside = isTest ? sandboxRefusal(message, tenant) : undefined;
    return outside ? forbidden(outside, "a test key reaches the sandbox only") : { message, tenant, warnings };
  };
};
