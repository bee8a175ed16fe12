import type { Limits } from "../client/limits.js";
import { joinVariables } from "../client/variables.js";
import { isWellFormed } from "../client/well-formed.js";
import type { MessageRequested } from "../schemas/generated.js";

const orAbsent = <T>(value: T | null): T | undefined => value ?? undefined;

/** The request in the words of a sender, so that the sender's own checks can judge it. */
export const inputOf = (request: MessageRequested, topicLane: string): unknown => ({
  channel: request.channel,
  to: request.to,
  lane: request.lane ?? topicLane,
  content: {
    subject: orAbsent(request.content.subject),
    text: orAbsent(request.content.text),
    html: orAbsent(request.content.html),
    title: orAbsent(request.content.title),
    data: request.content.data,
    attachments: request.content.attachments.map((attachment) => ({ ...attachment, contentId: orAbsent(attachment.contentId) })),
    replyTo: orAbsent(request.content.replyTo),
    unsubscribeUrl: orAbsent(request.content.unsubscribeUrl),
  },
  template: orAbsent(request.template),
  // what is no JSON object is refused as a list would be
  variables: joinVariables(request.variables, request.variablesJson) ?? [],
  tenant: request.tenant,
  from: orAbsent(request.from),
  idempotencyKey: orAbsent(request.idempotencyKey),
  notBefore: orAbsent(request.notBefore),
  expiresAt: orAbsent(request.expiresAt),
  metadata: request.metadata,
});

/** Metadata that feedback can give back: none where it is not well-formed, or larger than allowed. */
export const returnableMetadata = ({ metadata }: MessageRequested, { metadataBytes }: Limits): Readonly<Record<string, string>> => {
  const texts = Object.entries(metadata).flat();
  const bytes = texts.reduce((sum, text) => sum + text.length, 0);
  return bytes <= metadataBytes && texts.every(isWellFormed) ? metadata : {};
};
