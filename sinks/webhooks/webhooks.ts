import { traceparentOf } from "../../client/complete-message.js";
import type { MaybePromise } from "../../engine/stage.js";
import { chanceOf } from "../../processors/chance.js";
import type { WebhookOutcome, Webhooks } from "../../processors/webhook.js";
import { CarillonError, messageOf } from "../../schemas/errors.js";
import type { DeliveryFeedback } from "../../schemas/generated.js";
import { type Mask, maskedHead } from "../../schemas/secret-mask.js";
import type { Cells } from "../../stores/cells/cells.js";
import type { Clock } from "../../stores/clock.js";
import { startDeadline } from "../../stores/start-deadline.js";
import { retryAfterMsOf } from "../../wire/retry-after.js";
import { Endpoint, type EndpointPolicy } from "./endpoint.js";
import type { Poster } from "./post.js";
import { signedHeaders } from "./signature.js";
import type { KnownWebhook, WebhookTable } from "./webhook-table.js";

export interface WebhooksPolicy extends EndpointPolicy {
  readonly timeoutMs: number;
}

export interface WebhooksDependencies {
  readonly table: WebhookTable;
  readonly policy: WebhooksPolicy;
  /** Calls webhooks of the configuration, and those of tenants' own. */
  readonly poster: Pick<Poster, "post">;
  readonly ownPoster: Pick<Poster, "post">;
  readonly cells: Cells;
  readonly clock: Clock;
  /** Masks secrets in the answers of a receiver or errors of a connection. */
  readonly mask: Mask;
}

const sinceGroup = "webhooks-since";
const keepMs = 366 * 86_400_000;
const startMs = 5_000;
const mostOfDetail = 500;
/** How long a call in flight may continue while the process stops. */
const stopPatienceMs = 5_000;

/** The message's trace, for the receiver's own tracing. Source: W3C Trace Context. */
const traceHeadersOf = ({ messageId, traceparent, tracestate }: DeliveryFeedback): Readonly<Record<string, string>> => ({
  traceparent: traceparent ?? traceparentOf(messageId),
  ...(tracestate ? { tracestate } : {}),
});

/** The body that the receiver gets. Source: Standard Webhooks specification, Payload. */
const bodyOf = ({ feedbackId, kind, at, traceparent: _, tracestate: __, ...data }: DeliveryFeedback): string =>
  JSON.stringify({ type: `message.${data.status}`, timestamp: new Date(at).toISOString(), data: { feedbackId, kind, ...data } });

const refusalOf = (status: number, redirectsTo: string | undefined): string =>
  redirectsTo === undefined
    ? `the webhook returned ${status}`
    : `the webhook returned ${status}, a redirect to ${redirectsTo}, which Carillon does not follow`;

interface Deadline {
  readonly signal: AbortSignal;
  end(): void;
}

/** A stopping process lets a call continue for a while: an aborted call would be repeated, and notify its receiver twice. */
const deadlineOf = (timeoutMs: number, clock: Clock, stopping: AbortSignal): Deadline => {
  const late = new AbortController();
  const cancel = startDeadline(timeoutMs, clock, () => late.abort());
  let cancelStop: () => void = () => undefined;
  const stop = (): void => {
    cancelStop = clock.after(stopPatienceMs, () => late.abort());
  };
  if (stopping.aborted) stop();
  else stopping.addEventListener("abort", stop, { once: true });
  return {
    signal: late.signal,
    end: () => {
      cancel();
      cancelStop();
      stopping.removeEventListener("abort", stop);
    },
  };
};

const deferred = (detail: string, untilMs: number): WebhookOutcome => ({ kind: "deferred", detail, untilMs });

interface OpenedWebhook extends Omit<KnownWebhook, "secrets"> {
  readonly secrets: readonly string[];
}

/** A webhook whose secrets cannot be opened fails without a call, which is no evidence against its receiver. */
const openedOf = (webhook: KnownWebhook, mask: Mask): OpenedWebhook | WebhookOutcome => {
  try {
    return { ...webhook, secrets: webhook.secrets() };
  } catch (error) {
    const fix = error instanceof CarillonError && error.fix !== undefined ? `: ${error.fix}` : "";
    return { kind: "failed", detail: maskedHead(`its secrets cannot be opened: ${messageOf(error)}${fix}`, mostOfDetail, mask) };
  }
};

const receiverOf = ({ poster, ownPoster }: Pick<WebhooksDependencies, "poster" | "ownPoster">, createdMs: number | undefined) =>
  createdMs === undefined ? poster : ownPoster;

/** Calls an endpoint with the signed feedback, and notes the outcome at the endpoint. */
const callerOf =
  ({ policy, poster, ownPoster, clock, mask }: Omit<WebhooksDependencies, "table" | "cells">) =>
  async (
    feedback: DeliveryFeedback,
    { url, createdMs, secrets }: OpenedWebhook,
    endpoint: Endpoint,
    signal: AbortSignal,
  ): Promise<WebhookOutcome> => {
    const receiver = receiverOf({ poster, ownPoster }, createdMs);
    const body = bodyOf(feedback);
    const deadline = deadlineOf(policy.timeoutMs, clock, signal);
    try {
      const signed = signedHeaders(feedback.feedbackId, clock.now(), body, secrets);
      const headers = { ...signed, ...traceHeadersOf(feedback) };
      const { status, retryAfter, redirectsTo } = await receiver.post(url, headers, body, deadline.signal);
      if (status >= 200 && status <= 299) {
        await endpoint.succeeded();
        return { kind: "posted", detail: String(status) };
      }
      const detail = mask(refusalOf(status, redirectsTo));
      await endpoint.failed(detail, status === 410);
      const retryAfterMs = retryAfterMsOf(retryAfter, clock.now(), policy.maxRetryAfterMs);
      return { kind: "failed", detail, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
    } catch (error) {
      if (signal.aborted) {
        endpoint.breaker.withdraw();
        return deferred("the process is stopping", clock.now());
      }
      const detail = deadline.signal.aborted
        ? `the webhook did not respond within ${policy.timeoutMs} ms`
        : maskedHead(messageOf(error), mostOfDetail, mask);
      await endpoint.failed(detail, false);
      return { kind: "failed", detail };
    } finally {
      deadline.end();
    }
  };

/** The time from which a webhook of the configuration receives feedback: none from before it was first used. */
const createSince = (cells: Pick<Cells, "get" | "set">, clock: Pick<Clock, "now">) => {
  const since = new Map<string, number>();
  const read = async (tenant: string): Promise<number> => {
    const stored = await cells.get(sinceGroup, tenant);
    // a message that ended a moment ago, while the process started, also has feedback to send
    const first = stored === undefined ? clock.now() - startMs : Number(stored);
    if (stored === undefined) await cells.set(sinceGroup, tenant, String(first), keepMs);
    since.set(tenant, first);
    return first;
  };
  return (tenant: string): MaybePromise<number> => since.get(tenant) ?? read(tenant);
};

/** The endpoints of tenants, as this process knows them. */
const createEndpoints = ({ policy, cells, clock }: Pick<WebhooksDependencies, "policy" | "cells" | "clock">) => {
  const known = new Map<string, Endpoint>();
  return {
    of: (tenant: string, { stateName }: KnownWebhook): Endpoint => {
      const found = known.get(tenant);
      if (found?.name === stateName) return found;
      const made = new Endpoint(stateName, policy, cells, clock);
      known.set(tenant, made);
      return made;
    },
    forget: (tenant: string): void => void known.delete(tenant),
  };
};

/** While the tenants are unknown, their webhooks are, too. */
const unknownForMs = 5_000;

/** Tenants' webhooks, signed as in the Standard Webhooks specification. An unhealthy endpoint takes no slots from the others. */
export const createWebhooks = (dependencies: WebhooksDependencies): Webhooks => {
  const { table, cells, clock, mask } = dependencies;
  const call = callerOf(dependencies);
  const endpoints = createEndpoints(dependencies);
  const sinceOf = createSince(cells, clock);
  const wanted = (webhook: KnownWebhook | null | undefined, { tenant, kind, at }: DeliveryFeedback): MaybePromise<boolean> => {
    // the call finds out
    if (webhook === undefined) return true;
    if (!webhook?.kinds.includes(kind)) return false;
    const since = webhook.createdMs ?? sinceOf(tenant);
    return since instanceof Promise ? since.then((first) => at >= first) : at >= since;
  };
  const callIfFree = async (feedback: DeliveryFeedback, webhook: OpenedWebhook, endpoint: Endpoint, signal: AbortSignal) => {
    const { tenant, feedbackId } = feedback;
    const spreadMs = 2_000 * chanceOf(feedbackId);
    const slot = endpoint.slots.enter(tenant, clock.now());
    if (!slot) return deferred("the webhook has reached its limit of calls in flight", clock.now() + 500 + spreadMs);
    try {
      if (!endpoint.breaker.enter()) return deferred("the webhook failed repeatedly", endpoint.breaker.retryAtMs + spreadMs);
      return await call(feedback, webhook, endpoint, signal);
    } finally {
      endpoint.slots.leave(slot);
    }
  };
  return {
    wants: (feedback) => {
      const found = table.find(feedback.tenant);
      return found instanceof Promise ? found.then((webhook) => wanted(webhook, feedback)) : wanted(found, feedback);
    },
    post: async (feedback, signal) => {
      const { tenant } = feedback;
      const found = await table.find(tenant);
      if (found === undefined) return deferred("the tenants have not been read yet", clock.now() + unknownForMs);
      if (!found?.kinds.includes(feedback.kind)) {
        if (!found) endpoints.forget(tenant);
        return {
          kind: "off",
          detail: found ? `the webhook no longer receives ${feedback.kind}` : `the tenant ${tenant} no longer has a webhook`,
        };
      }
      const opened = openedOf(found, mask);
      if ("kind" in opened) return opened;
      const endpoint = endpoints.of(tenant, found);
      await endpoint.look();
      const { state } = endpoint;
      if (state?.disabledAt)
        return { kind: "off", detail: `disabled at ${new Date(state.disabledAt).toISOString()}: ${state.lastFailure}` };
      return callIfFree(feedback, opened, endpoint, signal);
    },
  };
};
