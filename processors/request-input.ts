import type { Limits } from "../client/limits.js";
import { joinVariables } from "../client/variables.js";
import { isWellFormed } from "../client/well-formed.js";
import type { MessageRequested } from "../schemas/generated.js";

/** The request as a sender's checks judge it: the same fields, with the topic's lane where it names none, and its variables together. */
export const inputOf = (request: MessageRequested, topicLane: string): unknown => {
  const { id: _id, acceptedAt: _at, traceparent: _parent, tracestate: _state, variablesJson, ...asked } = request;
  // what is no JSON object is refused as a list would be
  return { ...asked, lane: request.lane ?? topicLane, variables: joinVariables(request.variables, variablesJson) ?? [] };
};

/** Metadata that feedback can give back: none where it is not well-formed, or larger than allowed. */
export const returnableMetadata = ({ metadata }: MessageRequested, { metadataBytes }: Limits): Readonly<Record<string, string>> => {
  const texts = Object.entries(metadata).flat();
  const bytes = texts.reduce((sum, text) => sum + text.length, 0);
  return bytes <= metadataBytes && texts.every(isWellFormed) ? metadata : {};
};
