import type { Limits } from "../client/limits.js";
import { joinVariables } from "../client/variables.js";
import { isWellFormed } from "../client/well-formed.js";
import type { MessageRequested } from "../schemas/generated.js";

/** The request in the form of the sender's checks: the same fields, with the topic's lane as default, and all variables together. */
export const inputOf = (request: MessageRequested, topicLane: string): unknown => {
  const { id: _id, acceptedAt: _at, traceparent: _parent, tracestate: _state, user: _user, fallback: _fallback, ...own } = request;
  const { variablesJson, ...asked } = own;
  // anything but a JSON object becomes a list, which the checks refuse
  return { ...asked, lane: request.lane ?? topicLane, variables: joinVariables(request.variables, variablesJson) ?? [] };
};

/** Metadata that feedback can return: none if it is malformed or exceeds the limit. */
export const returnableMetadata = ({ metadata }: MessageRequested, { metadataBytes }: Limits): Readonly<Record<string, string>> => {
  const texts = Object.entries(metadata).flat();
  const bytes = texts.reduce((sum, text) => sum + text.length, 0);
  return bytes <= metadataBytes && texts.every(isWellFormed) ? metadata : {};
};
