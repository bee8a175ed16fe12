import type { CallbackRequest } from "../../sinks/providers/definition.js";
import { textInCharset } from "../../wire/charset.js";
import { withoutEncoding } from "../../wire/content-encoding.js";
import { formFieldsOf } from "../../wire/form-fields.js";
import { parseForeignJson } from "../../wire/parse-json.js";

/** A callback as received, before parsing. */
export type RawCallback = Pick<CallbackRequest, "method" | "url" | "headers" | "body">;

/** A media type without its parameters, case-insensitive. Source: RFC 9110, 8.3.1. */
const mediaTypeOf = (header: string): string => (header.split(";")[0] ?? "").trim().toLowerCase();

/** Longest body after decompression, in bytes. */
const mostBytes = 1_048_576;

const form = "application/x-www-form-urlencoded";
/** Types, or no type, under which providers also post forms. */
const looseTypes = new Set(["", "text/plain", "application/json", "application/octet-stream"]);

/** A form's first name, which no other format starts with. */
const beginsAsForm = /^[\w.\-[\]%]{1,200}=/;

const isTree = (json: unknown): boolean => typeof json === "object" && json !== null;

const textHeader = ({ headers }: RawCallback, name: string): string | undefined => {
  const value = headers[name];
  return typeof value === "string" ? value : undefined;
};

/** Detects the body's actual format, because providers often label it wrong: JSON as a form, or a form as text. */
const contentOf = (raw: RawCallback): Pick<CallbackRequest, "form" | "json"> => {
  const type = textHeader(raw, "content-type");
  const body = withoutEncoding(raw.body, textHeader(raw, "content-encoding"), mostBytes);
  const text = textInCharset(body, type);
  const json = body.length === 0 ? undefined : parseForeignJson(text);
  const named = mediaTypeOf(type ?? "");
  if (named === form) return isTree(json) ? { form: {}, json } : { form: formFieldsOf(body), json: undefined };
  const isForm = json === undefined && looseTypes.has(named) && beginsAsForm.test(text);
  return { form: isForm ? formFieldsOf(body) : {}, json };
};

/** Whether the body could be parsed. */
export const isReadable = ({ body, form, json }: CallbackRequest): boolean =>
  body.length === 0 || isTree(json) || Object.keys(form).length > 0;

/** Parses a callback's query, form and JSON. */
export const callbackRequestOf = (raw: RawCallback): CallbackRequest => {
  const content = contentOf(raw);
  const query = formFieldsOf(Buffer.from(new URL(raw.url).search.slice(1)));
  return { ...raw, ...content, fields: { ...query, ...content.form } };
};
