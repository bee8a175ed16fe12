import type { Finding } from "../channels/finding.js";
import { type CheckedMessage, checkMessage } from "../client/check-message.js";
import type { Config } from "../config/schema.js";
import { senderRefusal } from "../processors/sender-policy.js";
import type { MessageRequested } from "../schemas/generated.js";
import type { Clock } from "../stores/clock.js";
import { channelPolicyOf, limitsOf } from "../topology/delivery-policy.js";
import type { Accepter } from "./accepter.js";
import type { Idempotency } from "./idempotency.js";
import { createSandboxCheck } from "./sandbox-only.js";

/** The result of one message of a batch. */
export type Taken =
  | { readonly request: MessageRequested; readonly warnings: readonly Finding[] }
  | { readonly errors: readonly [Finding, ...Finding[]] };

/** The sender of a batch. */
export interface BatchSender {
  /** The tenant of messages that name none. */
  readonly tenant: string;
  /** Whether messages may name another tenant. */
  readonly isOperator: boolean;
  /** Whether its messages may reach the sandbox only. */
  readonly isTest: boolean;
}

export interface BatchIntake {
  /** Resolves with the result of each message, in order, once all accepted ones are durable. */
  take(inputs: readonly unknown[], sender: BatchSender): Promise<readonly Taken[]>;
}

/** The error of a message whose idempotency key was used with different content. */
export const conflictFinding: Finding = {
  field: "idempotencyKey",
  reason: "idempotency_conflict",
  problem: "was already used with different content",
  fix: "send the same content, or use another key",
};

const foreignTenant: Finding = {
  field: "tenant",
  reason: "invalid_request",
  problem: "does not match the tenant of the key",
  fix: "leave it out",
};

/** The error of a rejected message whose check names none. */
const unnamed: Finding = { field: "body", reason: "invalid_request", problem: "is not a message", fix: "send a body of POST /v1/messages" };

interface Fit {
  readonly index: number;
  readonly message: CheckedMessage;
  readonly tenant: string;
  readonly warnings: readonly Finding[];
}

const refused = ([first = unnamed, ...rest]: readonly Finding[]): Taken => ({ errors: [first, ...rest] });

interface Dependencies {
  readonly config: Config;
  readonly accepter: Accepter;
  readonly idempotency: Idempotency;
  readonly clock: Pick<Clock, "now">;
}

/** Accepts messages in batches. Each is checked separately, and a rejected one does not affect the others. */
export const createBatchIntake = ({ config, accepter, idempotency, clock }: Dependencies): BatchIntake => {
  const limits = limitsOf(config);
  const sandboxRefusal = createSandboxCheck(config);
  const checked = (input: unknown, index: number, { tenant: own, isOperator, isTest }: BatchSender): Fit | Taken => {
    const { errors, warnings, message } = checkMessage(input, limits, clock.now());
    if (!message) return refused(errors);
    const tenant = message.tenant ?? own;
    if (tenant !== own && !isOperator) return refused([foreignTenant]);
    const refusal =
      senderRefusal(message.channel, channelPolicyOf(config, message.channel), tenant, message.from) ??
      (isTest ? sandboxRefusal(message, tenant) : undefined);
    return refusal ? refused([refusal]) : { index, message, tenant, warnings };
  };
  const acceptOf = async (tenant: string, given: readonly Fit[]): Promise<readonly (readonly [number, Taken])[]> => {
    const conflicts = await idempotency.conflicts(
      given.map(({ message }) => message),
      tenant,
    );
    const fit = given.filter((_, index) => !conflicts[index]);
    const accepted = await accepter.accept(
      fit.map(({ message }) => message),
      tenant,
    );
    const taken = fit.flatMap(({ index, warnings }, at) => {
      const request = accepted[at];
      return request ? [[index, { request, warnings }] as const] : [];
    });
    const inConflict = given.filter((_, index) => conflicts[index]).map(({ index }) => [index, refused([conflictFinding])] as const);
    return [...taken, ...inConflict];
  };
  return {
    take: async (inputs, sender) => {
      const results = inputs.map((input, index) => checked(input, index, sender));
      const byTenant = new Map<string, Fit[]>();
      for (const one of results) {
        if (!("message" in one)) continue;
        const own = byTenant.get(one.tenant) ?? [];
        byTenant.set(one.tenant, own);
        own.push(one);
      }
      const accepted = new Map((await Promise.all([...byTenant].map(([tenant, fit]) => acceptOf(tenant, fit)))).flat());
      return results.map((one, index) => ("message" in one ? (accepted.get(index) ?? refused([])) : one));
    },
  };
};
