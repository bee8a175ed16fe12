import { textOf } from "../../schemas/decode-body.js";
import { parseJson } from "../../schemas/parse-json.js";
import type { CallbackRequest } from "../../sinks/providers/definition.js";

/** A callback as it came, before anything is made of it. */
export type RawCallback = Pick<CallbackRequest, "method" | "url" | "headers" | "body">;

/** A media type without its parameters; its case counts for nothing. Source: RFC 9110, 8.3.1. */
const mediaTypeOf = (header: string): string => (header.split(";")[0] ?? "").trim().toLowerCase();

/** Reads query, form and JSON out of a callback. */
export const callbackRequestOf = (raw: RawCallback): CallbackRequest => {
  const type = raw.headers["content-type"];
  const isForm = typeof type === "string" && mediaTypeOf(type) === "application/x-www-form-urlencoded";
  const text = textOf(raw.body);
  const form = isForm ? Object.fromEntries(new URLSearchParams(text)) : {};
  const query = Object.fromEntries(new URL(raw.url).searchParams);
  return {
    ...raw,
    form,
    fields: { ...query, ...form },
    json: isForm || raw.body.length === 0 ? undefined : parseJson(text),
  };
};
