import { expect, it } from "vitest";
import { type AnnouncePorts, createAnnounce, createWebhook, type WebhookOutcome, type WebhookPorts } from "../../processors/webhook.js";
import type { DeliveryFeedback } from "../../schemas/generated.js";
import { madeOf } from "../support/made-of.js";
import { stageContext } from "../support/stage-context.js";

const feedback: DeliveryFeedback = {
  feedbackId: "m-1:delivered",
  messageId: "m-1",
  tenant: "acme",
  channel: "sms",
  lane: "high",
  kind: "final",
  status: "delivered",
  reason: null,
  attempt: 1,
  provider: "sandbox",
  providerMessageId: null,
  idempotencyKey: null,
  metadata: {},
  to: null,
  at: 0,
  traceparent: null,
  tracestate: null,
};
const post = async (outcome: WebhookOutcome, attempt = 1) => {
  const { context, ...noted } = stageContext<WebhookPorts>();
  const stage = createWebhook({ post: async () => outcome }, { retryDelaysMs: [1_000, 5_000], jitter: 0 });
  await madeOf(stage.process({ feedback, attempt, firstAt: 0 }, context));
  return noted;
};

it.each([true, false])("feedback is announced to a tenant that wants it: %s", async (wants) => {
  const { context, clock, emitted } = stageContext<AnnouncePorts>();
  await madeOf(createAnnounce({ wants: () => wants }).process(feedback, context));
  expect(emitted.webhooks).toEqual(wants ? [{ feedback, attempt: 1, firstAt: clock.now() }] : undefined);
});

it("what was told is noted, and ends", async () => {
  const { emitted, scheduled } = await post({ kind: "posted", detail: "200" });
  expect(emitted.lineage).toMatchObject([
    { stage: "webhook", outcome: "posted", details: { try: "1", feedback: "delivered", detail: "200" } },
  ]);
  expect(scheduled).toEqual([]);
});

it("a failed call comes again after its delay, or when the receiver asks for more", async () => {
  const { clock, scheduled } = await post({ kind: "failed", detail: "503" });
  expect(scheduled).toMatchObject([{ port: "webhooks", id: "webhook:m-1:delivered", dueAtMs: clock.now() + 1_000, value: { attempt: 2 } }]);
  expect((await post({ kind: "failed", detail: "503" }, 2)).scheduled).toMatchObject([{ dueAtMs: clock.now() + 5_000 }]);
  expect((await post({ kind: "failed", detail: "429", retryAfterMs: 9_000 })).scheduled).toMatchObject([{ dueAtMs: clock.now() + 9_000 }]);
});

it("after the last call it becomes a dead letter", async () => {
  await expect(post({ kind: "failed", detail: "503" }, 3)).rejects.toMatchObject({ code: "WEBHOOK_FAILED" });
});

it("what was not called waits without using up a call, and leaves no step", async () => {
  const { emitted, scheduled } = await post({ kind: "deferred", detail: "no room", untilMs: 7_000.5 });
  expect(emitted.lineage).toBeUndefined();
  expect(scheduled).toMatchObject([{ dueAtMs: 7_001, value: { attempt: 1 } }]);
});

it("a webhook that is switched off is noted", async () => {
  const { emitted, scheduled } = await post({ kind: "off", detail: "gone" });
  expect([emitted.lineage?.[0]?.outcome, scheduled]).toEqual(["off", []]);
});
