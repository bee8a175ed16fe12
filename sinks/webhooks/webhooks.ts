import { traceparentOf } from "../../client/complete-message.js";
import { chanceOf } from "../../processors/chance.js";
import type { WebhookOutcome, Webhooks } from "../../processors/webhook.js";
import { messageOf } from "../../schemas/errors.js";
import type { DeliveryFeedback } from "../../schemas/generated.js";
import { type Mask, maskedHead } from "../../schemas/secret-mask.js";
import type { Cells } from "../../stores/cells/cells.js";
import type { Clock } from "../../stores/clock.js";
import { startDeadline } from "../../stores/start-deadline.js";
import { retryAfterMsOf } from "../../wire/retry-after.js";
import { Endpoint, type EndpointPolicy } from "./endpoint.js";
import type { Poster } from "./post.js";
import { secretsOfReceiver, signedHeaders } from "./signature.js";

export interface WebhookEndpoint {
  readonly url: string;
  /** One secret, or several during a rotation. */
  readonly secret: string | readonly string[];
  /** The kinds of feedback sent to it. */
  readonly kinds: readonly DeliveryFeedback["kind"][];
}

export interface WebhooksPolicy extends EndpointPolicy {
  readonly timeoutMs: number;
}

export interface WebhooksDependencies {
  readonly endpoints: Readonly<Record<string, WebhookEndpoint>>;
  readonly policy: WebhooksPolicy;
  readonly poster: Pick<Poster, "post">;
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

/** Calls an endpoint with the signed feedback, and notes the outcome at the endpoint. */
const callerOf =
  ({ policy, poster, clock, mask }: Pick<WebhooksDependencies, "policy" | "poster" | "clock" | "mask">) =>
  async (
    feedback: DeliveryFeedback,
    { url, secret }: WebhookEndpoint,
    endpoint: Endpoint,
    signal: AbortSignal,
  ): Promise<WebhookOutcome> => {
    const body = bodyOf(feedback);
    const deadline = deadlineOf(policy.timeoutMs, clock, signal);
    try {
      const signed = signedHeaders(feedback.feedbackId, clock.now(), body, secretsOfReceiver(secret));
      const headers = { ...signed, ...traceHeadersOf(feedback) };
      const { status, retryAfter, redirectsTo } = await poster.post(url, headers, body, deadline.signal);
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
        return { kind: "deferred", detail: "the process is stopping", untilMs: clock.now() };
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

/** Tenants' webhooks, signed as in the Standard Webhooks specification. An unhealthy endpoint takes no slots from the others. */
export const createWebhooks = ({ endpoints, policy, poster, cells, clock, mask }: WebhooksDependencies): Webhooks => {
  const call = callerOf({ policy, poster, clock, mask });
  const known = new Map<string, Endpoint>();
  const endpointOf = (tenant: string): Endpoint => {
    const found = known.get(tenant);
    if (found) return found;
    const made = new Endpoint(tenant, policy, cells, clock);
    known.set(tenant, made);
    return made;
  };
  const since = new Map<string, number>();
  /** A new webhook receives nothing from before its creation. */
  const sinceOf = async (tenant: string): Promise<number> => {
    const known = since.get(tenant);
    if (known !== undefined) return known;
    const stored = await cells.get(sinceGroup, tenant);
    // a message that ended a moment ago, while the process started, also has feedback to send
    const first = stored === undefined ? clock.now() - startMs : Number(stored);
    if (stored === undefined) await cells.set(sinceGroup, tenant, String(first), keepMs);
    since.set(tenant, first);
    return first;
  };
  return {
    wants: async ({ tenant, kind, at }) => {
      if (!Object.hasOwn(endpoints, tenant) || !endpoints[tenant]?.kinds.includes(kind)) return false;
      return at >= (await sinceOf(tenant));
    },
    post: async (feedback, signal) => {
      const { tenant, feedbackId } = feedback;
      const configured = Object.hasOwn(endpoints, tenant) ? endpoints[tenant] : undefined;
      if (!configured) return { kind: "off", detail: `the tenant ${tenant} no longer has a webhook` };
      const endpoint = endpointOf(tenant);
      await endpoint.look();
      if (endpoint.state?.disabledAt) {
        return {
          kind: "off",
          detail: `disabled at ${new Date(endpoint.state.disabledAt).toISOString()}: ${endpoint.state.lastFailure}`,
        };
      }
      const spreadMs = 2_000 * chanceOf(feedbackId);
      const slot = endpoint.slots.enter(tenant, clock.now());
      if (!slot)
        return { kind: "deferred", detail: "the webhook has reached its limit of calls in flight", untilMs: clock.now() + 500 + spreadMs };
      try {
        if (!endpoint.breaker.enter())
          return { kind: "deferred", detail: "the webhook failed repeatedly", untilMs: endpoint.breaker.retryAtMs + spreadMs };
        return await call(feedback, configured, endpoint, signal);
      } finally {
        endpoint.slots.leave(slot);
      }
    },
  };
};
