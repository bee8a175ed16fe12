import { textOf } from "../../schemas/decode-body.js";
import { formFieldsOf } from "../../schemas/form-fields.js";
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
  const form = isForm ? formFieldsOf(raw.body) : {};
  const query = formFieldsOf(Buffer.from(new URL(raw.url).search.slice(1)));
  return {
    ...raw,
    form,
    fields: { ...query, ...form },
    json: isForm || raw.body.length === 0 ? undefined : parseJson(textOf(raw.body)),
  };
};
