import { type CheckedMessage, checkMessage } from "../../client/check-message.js";
import { completeMessage } from "../../client/complete-message.js";
import type { MessageInput } from "../../client/message-input.js";
import type { MessageRequested } from "../../schemas/generated.js";

/** A message that passed the checks. */
export const checkedMessage = (input: MessageInput, nowMs?: number): CheckedMessage => {
  const { message, errors } = checkMessage(input, undefined, nowMs);
  if (!message) throw new Error(JSON.stringify(errors));
  return message;
};

/** A request as published by a client; `more` sets fields that no client would accept. */
export const requestOf = (input: MessageInput, nowMs: number, more: Partial<MessageRequested> = {}): MessageRequested => {
  const message = checkedMessage(input, nowMs);
  return { ...completeMessage(message, message.tenant ?? "acme", nowMs), ...more };
};

export const emailTo = (name: string): MessageInput => ({
  channel: "email",
  to: `${name}@sandbox.carillon.test`,
  content: { subject: "Hello", text: "Hi there" },
});
