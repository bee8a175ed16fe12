import { z } from "zod";
import { rulesOf } from "../../channels/rules-of.js";
import { durationMs, seconds } from "../../config/keys.js";
import type { SendOutcome } from "../../processors/provider.js";
import { messageOf } from "../../schemas/errors.js";
import type { Channel, DispatchCommand, ProviderReceipt, ReceiptEvent } from "../../schemas/generated.js";
import { channels } from "../../schemas/vocabulary.js";
import type { OutboxEntry } from "../outbox.js";
import { defineProvider } from "./definition.js";

interface SandboxOptions {
  readonly retryAfterMs: number;
}

/** The magic recipients and their effects. */
export const sandboxBehaviours = {
  success: { digits: "0100", does: "is delivered" },
  bounce: { digits: "0101", does: "fails permanently by a receipt" },
  flaky: { digits: "0102", does: "fails temporarily twice, then is delivered" },
  silent: { digits: "0103", does: "is accepted, and no receipt arrives" },
  slow: { digits: "0104", does: "is delivered, with a late receipt" },
  complaint: { digits: "0105", does: "is delivered, and the recipient complains" },
  throttle: { digits: "0106", does: "is throttled once with a Retry-After, then delivered" },
} as const;

export type SandboxBehaviour = keyof typeof sandboxBehaviours;

const names = Object.keys(sandboxBehaviours) as SandboxBehaviour[];

/** The behavior that the recipient's address selects, by the channel's address format. */
export const behaviourOf = (channel: Channel, to: string): SandboxBehaviour => {
  const { sandbox } = rulesOf(channel);
  return names.find((name) => sandbox.matches(to, { name, digits: sandboxBehaviours[name].digits })) ?? "success";
};

const failures: Readonly<Partial<Record<SandboxBehaviour, (attempt: number, options: SandboxOptions) => SendOutcome | undefined>>> = {
  flaky: (attempt) =>
    attempt <= 2
      ? { kind: "temporary_failure", reason: "recipient_unavailable", detail: `the sandbox fails attempt ${attempt} of a flaky recipient` }
      : undefined,
  throttle: (attempt, { retryAfterMs }) =>
    attempt === 1
      ? {
          kind: "throttled",
          reason: "provider_throttled",
          detail: "the sandbox throttles the first attempt",
          retryAfterMs,
          ofRecipient: true,
        }
      : undefined,
};

const readable = (content: DispatchCommand["content"]): OutboxEntry["content"] => ({
  ...content,
  attachments: content.attachments.map((file) => ({ ...file, content: file.content.toString("base64") })),
});

/** Delivers to a local outbox and reports back after a delay. */
export const sandbox = defineProvider({
  type: "sandbox",
  doc: "delivers to a local outbox, without any other service",
  channels,
  options: z.strictObject({
    receiptDelayMs: durationMs("delay of receipts", 300),
    slowReceiptDelayMs: durationMs("delay of receipts for `slow` recipients", seconds(5)),
    retryAfterMs: durationMs("Retry-After for `throttle` recipients", seconds(2)),
  }),
  errors: [],
  create: async ({ name, channel }, options, { outbox, clock, reportLater }) => {
    const sendReceipt = (providerMessageId: string, event: ReceiptEvent, delayMs: number, reason: string | null): Promise<void> => {
      const dueAtMs = clock.now() + delayMs;
      const receipt: ProviderReceipt = {
        receiptId: `${providerMessageId}:${event}`,
        channel,
        provider: name,
        messageId: null,
        attempt: null,
        providerMessageId,
        event,
        reason,
        detail: event === "permanent_failure" ? "550 5.1.1 the sandbox refuses this recipient" : null,
        retryAfterMs: null,
        at: dueAtMs,
        waits: 0,
        recipients: [],
      };
      return reportLater(receipt, dueAtMs);
    };
    const reportsOf = (behaviour: string, providerMessageId: string): Promise<void>[] => {
      const { receiptDelayMs, slowReceiptDelayMs } = options;
      if (behaviour === "bounce") return [sendReceipt(providerMessageId, "permanent_failure", receiptDelayMs, "recipient_rejected")];
      if (behaviour === "silent") return [];
      const delivered = sendReceipt(providerMessageId, "delivered", behaviour === "slow" ? slowReceiptDelayMs : receiptDelayMs, null);
      return behaviour === "complaint"
        ? [delivered, sendReceipt(providerMessageId, "complained", receiptDelayMs * 2, "complained")]
        : [delivered];
    };
    /** The outbox accepts a message completely or not at all. */
    const deliver = (entry: OutboxEntry): Promise<SendOutcome | undefined> =>
      outbox.deliver(entry).then(
        () => undefined,
        (error: unknown) => ({ kind: "temporary_failure", reason: "provider_unavailable", detail: messageOf(error) }),
      );
    return {
      name,
      channel,
      send: async (command, { note }) => {
        const behaviour = behaviourOf(channel, command.to);
        const failure = failures[behaviour]?.(command.attempt, options);
        const request = `SANDBOX ${channel} attempt ${command.attempt}\nto: ${command.to}\ntext: ${command.content.text ?? command.content.html ?? ""}`;
        note?.({ request, response: failure && "detail" in failure ? `${failure.kind}: ${failure.detail}` : "taken" });
        if (failure) return failure;
        const providerMessageId = `sandbox-${command.messageId}-${command.attempt}`;
        const { messageId, tenant, attempt, to, from, content } = command;
        const deliveredAt = new Date(clock.now()).toISOString();
        const entry = { deliveredAt, channel, tenant, messageId, attempt, to, from, content: readable(content) };
        const failed = behaviour === "bounce" ? undefined : await deliver(entry);
        if (failed) return failed;
        await Promise.all(reportsOf(behaviour, providerMessageId));
        return { kind: "accepted", providerMessageId };
      },
      healthCheck: async () => "ready: it delivers into the local outbox",
      close: async () => undefined,
    };
  },
});
