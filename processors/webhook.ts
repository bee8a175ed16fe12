import type { MaybePromise, Stage, StageContext } from "../engine/stage.js";
import { CarillonError } from "../schemas/errors.js";
import type { DeliveryFeedback, LineageEvent, WebhookDelivery } from "../schemas/generated.js";
import { keys } from "../stores/keys.js";
import { chanceOf } from "./chance.js";
import { lineageOf, type Step } from "./lineage-of.js";

export interface AnnouncePorts {
  readonly webhooks: WebhookDelivery;
}

export interface WebhookPorts {
  readonly webhooks: WebhookDelivery;
  readonly lineage: LineageEvent;
}

/** The outcome of one webhook call. */
export type WebhookOutcome =
  | { readonly kind: "posted"; readonly detail: string }
  | { readonly kind: "failed"; readonly detail: string; readonly retryAfterMs?: number }
  /** Not called: it has no capacity, failed too often recently, or is not known yet, or the process is stopping. */
  | { readonly kind: "deferred"; readonly detail: string; readonly untilMs: number }
  /** The webhook is disabled. Missed feedback can be replayed. */
  | { readonly kind: "off"; readonly detail: string };

/** The tenants' webhooks. */
export interface Webhooks {
  /** Whether the tenant receives this feedback. Feedback from before its webhook was created is excluded. */
  wants(feedback: DeliveryFeedback): MaybePromise<boolean>;
  post(feedback: DeliveryFeedback, signal: AbortSignal): Promise<WebhookOutcome>;
}

/** Passes feedback to tenants' webhooks, each under its own key, so that none waits for another. */
export const createAnnounce = (webhooks: Pick<Webhooks, "wants">): Stage<DeliveryFeedback, void, AnnouncePorts> => ({
  name: "announce",
  ports: ["webhooks"],
  process: (feedback, context) => {
    const pass = (wanted: boolean): undefined => {
      if (wanted) context.emit("webhooks", { feedback, attempt: 1, firstAt: context.now() });
      return undefined;
    };
    const wanted = webhooks.wants(feedback);
    return wanted instanceof Promise ? wanted.then(pass) : pass(wanted);
  },
});

export interface WebhookPolicy {
  /** Delays after each failed call, in milliseconds. After the last one the call is given up. */
  readonly retryDelaysMs: readonly number[];
  /** Largest random addition, as a fraction of the delay. */
  readonly jitter: number;
}

const note = (context: StageContext<WebhookPorts>, { feedback, attempt }: WebhookDelivery, outcome: string, detail: string): void => {
  const { feedbackId, messageId, tenant, channel, lane } = feedback;
  const step = {
    stage: "webhook",
    outcome,
    attempt: feedback.attempt,
    details: { try: String(attempt), feedback: feedback.status, detail },
  } as const satisfies Partial<Step>;
  context.emit("lineage", lineageOf(context, { messageId, tenant, channel, lane }, { ...step, discriminator: `${feedbackId}:${attempt}` }));
};

/** Posts one feedback to a tenant's webhook. Retries for hours; a delivery that fails permanently becomes a dead letter. */
export const createWebhook = (webhooks: Pick<Webhooks, "post">, policy: WebhookPolicy): Stage<WebhookDelivery, void, WebhookPorts> => {
  const again = (delivery: WebhookDelivery, dueAtMs: number, context: StageContext<WebhookPorts>): void =>
    context.schedule("webhooks", delivery, { id: keys.timers.webhook(delivery.feedback.feedbackId), dueAtMs: Math.ceil(dueAtMs) });
  return {
    name: "webhook",
    ports: ["webhooks", "lineage"],
    timers: ["webhooks"],
    process: async (delivery, context) => {
      const { feedback, attempt } = delivery;
      const outcome = await webhooks.post(feedback, context.signal);
      if (outcome.kind === "deferred") return again(delivery, outcome.untilMs, context);
      note(context, delivery, outcome.kind, outcome.detail);
      if (outcome.kind !== "failed") return undefined;
      const delayMs = policy.retryDelaysMs[attempt - 1];
      if (delayMs === undefined) {
        throw new CarillonError(
          "WEBHOOK_FAILED",
          `the webhook of ${feedback.tenant} did not receive the event of ${feedback.messageId}: ${outcome.detail}`,
          {
            fix: "redrive it once the webhook works again",
          },
        );
      }
      const spread = 1 + policy.jitter * chanceOf(`${feedback.feedbackId}:${attempt}`);
      const dueAtMs = context.now() + Math.max(delayMs * spread, outcome.retryAfterMs ?? 0);
      return again({ ...delivery, attempt: attempt + 1 }, dueAtMs, context);
    },
  };
};
