import { parseJson } from "../../schemas/parse-json.js";
import type { CallbackRequest } from "../../sinks/providers/definition.js";

/** A callback as it came, before anything is made of it. */
export type RawCallback = Pick<CallbackRequest, "method" | "url" | "headers" | "body">;

/** Reads query, form and JSON out of a callback. */
export const callbackRequestOf = (raw: RawCallback): CallbackRequest => {
  const type = raw.headers["content-type"];
  const isForm = typeof type === "string" && type.startsWith("application/x-www-form-urlencoded");
  const form = isForm ? Object.fromEntries(new URLSearchParams(raw.body.toString())) : {};
  const query = Object.fromEntries(new URL(raw.url).searchParams);
  return {
    ...raw,
    form,
    fields: { ...query, ...form },
    json: isForm || raw.body.length === 0 ? undefined : parseJson(raw.body.toString()),
  };
};
