import { createHash } from "node:crypto";
import type { Content } from "../schemas/generated.js";
import type { CheckedMessage } from "./check-message.js";

/** Whether a value is empty: absent, or an empty list or map, which are the defaults for absent values. */
const isNothing = (value: unknown): boolean =>
  value === undefined || value === null || (typeof value === "object" && !ArrayBuffer.isView(value) && Object.keys(value).length === 0);

/** One canonical text for all forms of a value: sorted names, nothing absent. */
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

/** The fields that are not empty. */
export const withoutNothing = (fields: object): Record<string, unknown> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => !isNothing(value)));

/** The parts of a content that are not empty. */
export const partsOf = (content: Content): object => withoutNothing({ ...content, attachments: content.attachments.map(withoutNothing) });

/** Equal for two records with the same fields, whatever their order. */
export const digestOf = (fields: object): string => createHash("sha256").update(canonical(fields)).digest("base64url");

/**
 * Equal for two requests for the same message, in any form: normalizes recipients, converts times to milliseconds, fills in defaults, and
 * sorts names. Excludes tenant and key, which identify the first request.
 */
export const contentDigest = (message: CheckedMessage): string => {
  const { idempotencyKey: _key, tenant: _tenant, country: _country, content, ...rest } = message;
  return digestOf(withoutNothing({ ...rest, content: partsOf(content) }));
};
