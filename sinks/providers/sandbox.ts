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
export const sandboxBehaviors = {
  success: { digits: "0100", does: "is delivered" },
  bounce: { digits: "0101", does: "fails permanently by a receipt" },
  flaky: { digits: "0102", does: "fails temporarily twice, then is delivered" },
  silent: { digits: "0103", does: "is accepted, and no receipt arrives" },
  slow: { digits: "0104", does: "is delivered, with a late receipt" },
  complaint: { digits: "0105", does: "is delivered, and the recipient complains" },
  throttle: { digits: "0106", does: "is throttled once with a Retry-After, then delivered" },
} as const;

export type SandboxBehavior = keyof typeof sandboxBehaviors;

const names = Object.keys(sandboxBehaviors) as SandboxBehavior[];

/** The behavior that the recipient's address selects, by the channel's address format. */
export const behaviorOf = (channel: Channel, to: string): SandboxBehavior => {
  const { sandbox } = rulesOf(channel);
  return names.find((name) => sandbox.matches(to, { name, digits: sandboxBehaviors[name].digits })) ?? "success";
};

const failures: Readonly<Partial<Record<SandboxBehavior, (attempt: number, options: SandboxOptions) => SendOutcome | undefined>>> = {
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
  tenantUse: { allowed: false, because: "writes to the outbox of the installation: routes can name its sandbox" },
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
    const reportsOf = (behavior: string, providerMessageId: string): Promise<void>[] => {
      const { receiptDelayMs, slowReceiptDelayMs } = options;
      if (behavior === "bounce") return [sendReceipt(providerMessageId, "permanent_failure", receiptDelayMs, "recipient_rejected")];
      if (behavior === "silent") return [];
      const delivered = sendReceipt(providerMessageId, "delivered", behavior === "slow" ? slowReceiptDelayMs : receiptDelayMs, null);
      return behavior === "complaint"
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
        const behavior = behaviorOf(channel, command.to);
        const failure = failures[behavior]?.(command.attempt, options);
        const request = `SANDBOX ${channel} attempt ${command.attempt}\nto: ${command.to}\ntext: ${command.content.text ?? command.content.html ?? ""}`;
        note?.({ request, response: failure && "detail" in failure ? `${failure.kind}: ${failure.detail}` : "taken" });
        if (failure) return failure;
        const providerMessageId = `sandbox-${command.messageId}-${command.attempt}`;
        const { messageId, tenant, attempt, to, from, content } = command;
        const deliveredAt = new Date(clock.now()).toISOString();
        const entry = { deliveredAt, channel, tenant, messageId, attempt, to, from, content: readable(content) };
        const failed = behavior === "bounce" ? undefined : await deliver(entry);
        if (failed) return failed;
        await Promise.all(reportsOf(behavior, providerMessageId));
        return { kind: "accepted", providerMessageId };
      },
      healthCheck: async () => "ready: it delivers into the local outbox",
      close: async () => undefined,
    };
  },
});
