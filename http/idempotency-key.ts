import type { IncomingMessage } from "node:http";

export type IdempotencyKey = { readonly body: unknown } | { readonly problem: string; readonly fix: string };

/** A quoted string of Structured Fields (RFC 9651, 3.3.3), or the unquoted value that many clients send. */
const keyOf = (text: string): string | undefined => {
  const quoted = /^"((?:[^"\\]|\\["\\])*)"$/.exec(text)?.[1];
  if (quoted !== undefined) return quoted.replaceAll(/\\(["\\])/g, "$1");
  return text.includes('"') ? undefined : text;
};

const isObject = (body: unknown): body is Readonly<Record<string, unknown>> =>
  typeof body === "object" && body !== null && !Array.isArray(body);

/** The body with the key from the Idempotency-Key header. Source: draft-ietf-httpapi-idempotency-key-header. */
export const withIdempotencyKey = (body: unknown, { rawHeaders }: Pick<IncomingMessage, "rawHeaders">): IdempotencyKey => {
  const given = rawHeaders.filter((_, index) => index % 2 === 1 && rawHeaders[index - 1]?.toLowerCase() === "idempotency-key");
  if (given.length === 0 || !isObject(body)) return { body };
  if (given.length > 1) return { problem: "appears more than once", fix: "send one Idempotency-Key" };
  const key = keyOf(given[0]?.trim() ?? "");
  if (key === undefined)
    return { problem: "is neither a single quoted string nor an unquoted value", fix: 'send the key alone, without parameters: "order-7"' };
  if (key === "") return { problem: "is empty", fix: "send a value, or omit the header" };
  if (!/^[\x20-\x7e]+$/.test(key))
    return {
      problem: "contains characters other than printable ASCII",
      fix: 'send a value such as "8e03978e-40d5-43dd-bc93-6894a57f9324"',
    };
  const { idempotencyKey } = body;
  if (idempotencyKey !== undefined && idempotencyKey !== null && idempotencyKey !== key)
    return { problem: "differs from the body's idempotencyKey", fix: "send it in one place, or the same value in both" };
  return { body: { ...body, idempotencyKey: key } };
};
