import { expect, it } from "vitest";
import type { DeliveryFeedback } from "../../../schemas/generated.js";
import type { Poster } from "../../../sinks/webhooks/post.js";
import { createWebhookTable } from "../../../sinks/webhooks/webhook-table.js";
import { createWebhooks } from "../../../sinks/webhooks/webhooks.js";
import { createMemoryCells } from "../../../stores/cells/memory-cells.js";
import { createTenantSecrets } from "../../../stores/sealed/tenant-secrets.js";
import { createVirtualClock } from "../../../stores/virtual-clock.js";

const feedback: DeliveryFeedback = {
  feedbackId: "m:delivered",
  messageId: "m",
  tenant: "acme",
  channel: "sms",
  lane: "normal",
  kind: "final",
  status: "delivered",
  reason: null,
  attempt: 1,
  provider: "sandbox",
  providerMessageId: null,
  idempotencyKey: null,
  metadata: {},
  traceparent: null,
  tracestate: null,
  to: null,
  at: 0,
};

it("lets a webhook call in flight end while the process stops, so that its receiver is not notified twice", async () => {
  const clock = createVirtualClock();
  const stop = new AbortController();
  let answer: () => void = () => undefined;
  let aborted = false;
  const endpoints = { acme: { url: "https://acme.test/hook", secret: `whsec_${"a".repeat(32)}`, kinds: ["final" as const] } };
  const poster: Pick<Poster, "post"> = {
    post: (_url, _headers, _body, signal) =>
      new Promise((resolve, reject) => {
        answer = () => resolve({ status: 200, retryAfter: null });
        signal.addEventListener("abort", () => {
          aborted = true;
          reject(new Error("aborted"));
        });
      }),
  };
  const webhooks = createWebhooks({
    table: createWebhookTable(endpoints, undefined, createTenantSecrets(undefined)),
    policy: { timeoutMs: 15_000, inFlight: 10, maxRetryAfterMs: 60_000, disableAfterMs: 1_000_000, retryDelaysMs: [], jitter: 0 },
    ...{ poster, ownPoster: poster },
    cells: createMemoryCells(clock),
    clock,
    mask: (text) => text,
  });
  const first = webhooks.post(feedback, stop.signal);
  await new Promise(setImmediate);
  stop.abort();
  await new Promise(setImmediate);
  expect(aborted).toBe(false);
  answer();
  expect(await first).toEqual({ kind: "posted", detail: "200" });

  const second = webhooks.post(feedback, stop.signal);
  await new Promise(setImmediate);
  clock.advance(5_000);
  expect(aborted).toBe(true);
  expect(await second).toMatchObject({ kind: "deferred" });
});
