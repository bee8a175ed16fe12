import type { TenantRulesOf } from "../access/tenant-rules.js";
import { type ContentRules, rulesOf as contentRulesOf } from "../channels/rules-of.js";
import { checkContent } from "../client/check-content.js";
import { latestExpiry } from "../client/times.js";
import { wait } from "../engine/ask.js";
import type { Stage } from "../engine/stage.js";
import { messageOf } from "../schemas/errors.js";
import type { Content, DispatchCommand } from "../schemas/generated.js";
import type { Reason } from "../schemas/reasons.js";
import type { Claims } from "../stores/claims/claims.js";
import { type Conclusion, type ConclusionPorts, conclude } from "./conclude.js";
import { dueAtOf } from "./due-at.js";
import { lineageOf } from "./lineage-of.js";
import { type DeliveryPolicy, senderOf } from "./policy.js";
import type { TemplateRenderer } from "./render-template.js";
import { sendersFor } from "./senders-for.js";
import type { ValidMessage } from "./validate.js";

/** A message ready to be queued. */
export interface EnrichedMessage {
  readonly command: DispatchCommand;
  readonly notBeforeMs: number | null;
}

export interface EnrichDependencies {
  readonly claims: Pick<Claims, "decideAll">;
  readonly templates: TemplateRenderer;
  readonly policy: DeliveryPolicy;
  readonly rulesOf: TenantRulesOf;
}

interface Refusal {
  readonly reason: Reason;
  readonly details: Readonly<Record<string, string>>;
}

const render = (message: ValidMessage["message"], dependencies: EnrichDependencies): Content | Refusal =>
  message.template === null ? message.content : renderTemplate(message, message.template, dependencies);

const checked = ({ channel }: ValidMessage["message"], content: Content, { limits }: DeliveryPolicy): Content | Refusal => {
  const [wrong] = checkContent(channel, content, limits);
  return wrong ? { reason: wrong.reason, details: { [wrong.field]: `${wrong.problem}: ${wrong.fix}` } } : content;
};

const renderTemplate = (
  message: ValidMessage["message"],
  template: string,
  { templates, policy }: EnrichDependencies,
): Content | Refusal => {
  try {
    const rendered = templates.render(template, message.channel, message.variables);
    if (rendered) return checked(message, { ...message.content, ...rendered }, policy);
    const problem = `no template "${template}" exists for ${message.channel}: use a configured template, or give content`;
    return { reason: "unknown_template", details: { template: problem } };
  } catch (error) {
    return { reason: "template_failed", details: { variables: messageOf(error) } };
  }
};

/** The content in the channel's form, and the changes that lineage records. */
const completeContent = (
  { complete }: ContentRules,
  content: Content,
  { limits }: DeliveryPolicy,
): { readonly content: Content; readonly changes: Readonly<Record<string, string>> } => {
  if (!complete) return { content, changes: {} };
  const { texts, details } = complete(content, limits);
  return { content: { ...content, ...texts }, changes: details };
};

const detailsOf = (
  { template }: ValidMessage["message"],
  expiresAtMs: number,
  segments: number,
  changes: Readonly<Record<string, string>>,
): Record<string, string> => ({
  expiresAt: new Date(expiresAtMs).toISOString(),
  ...(template ? { template } : {}),
  ...(segments > 0 ? { segments: String(segments) } : {}),
  ...changes,
});

/** Completes a message: content from its template, sender, expiry, and parts of an SMS. */
export const createEnrich = (dependencies: EnrichDependencies): Stage<ValidMessage, EnrichedMessage, ConclusionPorts> => ({
  name: "enrich",
  ports: ["lineage", "feedback", "fallbacks"],
  process: function* ({ subject, message, acceptedAtMs, traceparent }, context) {
    const { claims, policy, rulesOf } = dependencies;
    const rendered = render(message, dependencies);
    if ("reason" in rendered) {
      const end = {
        subject,
        stage: "enrich",
        attempt: 0,
        provider: null,
        providerMessageId: null,
        cause: "enrich",
      } as const satisfies Partial<Conclusion>;
      yield* conclude(context, claims, policy.stateRetentionMs, { ...end, status: "failed", ...rendered });
      return undefined;
    }
    const rules = contentRulesOf(message.channel).content;
    const { senders } = yield* wait(rulesOf(subject.tenant));
    const { content, changes } = completeContent(rules, rendered, policy);
    const defaults = policy.channels[message.channel];
    const { notBefore } = message;
    const expiresAt =
      latestExpiry(message, policy.limits.maxScheduleAheadMs, acceptedAtMs) ??
      dueAtOf({ acceptedAt: acceptedAtMs, notBefore }) + defaults.expiresAfterMs;
    const segments = rules.segments?.(content) ?? 0;
    context.emit(
      "lineage",
      lineageOf(context, subject, {
        stage: "enrich",
        outcome: "ok",
        status: "enriched",
        attempt: 0,
        details: detailsOf(message, expiresAt, segments, changes),
      }),
    );
    return {
      notBeforeMs: notBefore,
      command: {
        messageId: subject.messageId,
        tenant: subject.tenant,
        channel: message.channel,
        lane: message.lane,
        to: message.to,
        from: message.from ?? senderOf(defaults, subject.tenant, message.to, sendersFor(senders, message.channel)),
        content,
        metadata: message.metadata,
        idempotencyKey: message.idempotencyKey,
        attempt: 1,
        acceptedAt: acceptedAtMs,
        expiresAt,
        segments,
        traceparent,
        tracestate: subject.tracestate ?? null,
        provider: null,
        tried: [],
        notBefore,
        fallback: subject.fallback ?? null,
      },
    };
  },
});
