import { createHash } from "node:crypto";
import type { CheckedMessage } from "./check-message.js";

/** Whether a value says nothing: absent, or an empty list or map, which defaults put in the place of absent ones. */
const isNothing = (value: unknown): boolean =>
  value === undefined || value === null || (typeof value === "object" && !ArrayBuffer.isView(value) && Object.keys(value).length === 0);

/** One text for all spellings of a value: names in order, nothing absent. */
const canonical = (value: unknown): string => {
  if (ArrayBuffer.isView(value)) {
    const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
    return JSON.stringify({ bytes: createHash("sha256").update(bytes).digest("base64") });
  }
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  return `{${Object.entries(value)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, inner]) => `${JSON.stringify(name)}:${canonical(inner)}`)
    .join(",")}}`;
};

const withoutNothing = (fields: object): Record<string, unknown> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => !isNothing(value)));

/** The same for two records with the same fields, whatever their order. */
export const digestOf = (fields: object): string => createHash("sha256").update(canonical(fields)).digest("base64url");

/**
 * The same for two requests that ask for the same message, in whichever spelling: recipients in normal form, times as
 * milliseconds, defaults filled in, names in any order. Tenant and key are not part of it: they find the first request.
 */
export const contentDigest = (message: CheckedMessage): string => {
  const { idempotencyKey: _key, tenant: _tenant, country: _country, content, ...rest } = message;
  const attachments = content.attachments.map(withoutNothing);
  return digestOf(withoutNothing({ ...rest, content: withoutNothing({ ...content, attachments }) }));
};
