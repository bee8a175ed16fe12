import { createHash } from "node:crypto";
import { v5 as uuidFromName } from "uuid";
import type { FallbackPlace, MessageRequested } from "../schemas/generated.js";
import type { CheckedMessage } from "./check-message.js";
import { idInOrder } from "./id-in-order.js";
import { parseTraceContext } from "./trace-context.js";
import { splitVariables } from "./variables.js";
import { toWellFormed } from "./well-formed.js";

const idNamespace = "5f1b8a1e-3b58-4d0e-9d0c-6b1f2f0a7c11";

/** The id of all requests of one tenant with one idempotency key. */
export const idFromKey = (tenant: string, idempotencyKey: string): string =>
  // a line break in a tenant's name must not make its key equal to another tenant's
  uuidFromName(
    toWellFormed(tenant.includes("\n") ? `\n${JSON.stringify([tenant, idempotencyKey])}` : `${tenant}\n${idempotencyKey}`),
    idNamespace,
  );

/** The id of the message to one address of a user, of all requests of one tenant with one idempotency key. */
export const idForAddress = (tenant: string, idempotencyKey: string, user: string, channel: string, to: string): string =>
  uuidFromName(toWellFormed(JSON.stringify([tenant, idempotencyKey, user, channel, to])), idNamespace);

/** The id of a user as the recipient of a plan, of all requests of one tenant with one idempotency key. */
export const idForRecipient = (tenant: string, idempotencyKey: string, user: string): string =>
  uuidFromName(toWellFormed(JSON.stringify([tenant, idempotencyKey, user])), idNamespace);

/** A W3C traceparent derived from the message id, so that it is always the same. Source: W3C Trace Context. */
export const traceparentOf = (messageId: string): string => {
  const digest = createHash("sha256").update(messageId).digest("hex");
  return `00-${digest.slice(0, 32)}-${digest.slice(32, 48)}-01`;
};

/** A checked message, with what its sender did not give: an id that was derived before, the user that it is for, and its place in a plan. */
export interface AddressedMessage extends CheckedMessage {
  readonly id?: string;
  readonly user?: string;
  readonly fallback?: FallbackPlace;
}

/** Completes a checked message into the record to publish. `traceparent` and `tracestate` are those of the sender's work. */
export const completeMessage = (
  message: AddressedMessage,
  tenant: string,
  nowMs: number,
  traceparent?: string,
  tracestate?: string,
): MessageRequested => {
  const trace = parseTraceContext(traceparent, tracestate);
  const id = message.id ?? (message.idempotencyKey ? idFromKey(tenant, message.idempotencyKey) : idInOrder(nowMs));
  const variables = splitVariables(message.variables);
  return {
    id,
    tenant,
    channel: message.channel,
    to: message.to,
    lane: message.lane,
    content: message.content,
    template: message.template,
    variables: variables.plain,
    variablesJson: variables.json,
    metadata: message.metadata,
    from: message.from,
    idempotencyKey: message.idempotencyKey,
    notBefore: message.notBefore,
    expiresAt: message.expiresAt,
    acceptedAt: nowMs,
    traceparent: trace?.traceparent ?? traceparentOf(id),
    tracestate: trace?.tracestate ?? null,
    user: message.user ?? null,
    fallback: message.fallback ?? null,
  };
};
