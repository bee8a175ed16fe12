import { z } from "zod";
import { messageGiven } from "./message-input.js";

/** A field of the message, for the documentation. */
export interface FieldReference {
  /** Dots lead into maps. The path omits the index or name of entries in lists and maps. */
  readonly path: string;
  readonly required: boolean;
  /** The accepted values. */
  readonly wanted: string;
  /** Its purpose. */
  readonly doc: string;
}

interface JsonSchema {
  readonly type?: string;
  readonly description?: string;
  readonly wanted?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly maxItems?: number;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly items?: JsonSchema;
  readonly additionalProperties?: JsonSchema | boolean;
}

const characters = ({ minLength, maxLength }: JsonSchema): string => {
  if (maxLength !== undefined) return ` of ${minLength ? `${minLength} to` : "at most"} ${maxLength.toLocaleString("en-US")} characters`;
  return minLength ? ", not empty" : "";
};

const wantedOf = (schema: JsonSchema): string => {
  if (schema.wanted !== undefined) return schema.wanted;
  const { type, items, additionalProperties, maxItems } = schema;
  if (type === "string") return `text${characters(schema)}`;
  if (type === "array" && items) return `a list${maxItems === undefined ? "" : ` of at most ${maxItems} entries`}`;
  if (type === "object" && typeof additionalProperties === "object") return `a map of names to ${wantedOf(additionalProperties)}`;
  if (type === "object") return "an object";
  return type ?? "any value";
};

const fieldsOf = (schema: JsonSchema, under: string): FieldReference[] =>
  Object.entries(schema.properties ?? {}).flatMap(([name, inner]) => {
    const path = under ? `${under}.${name}` : name;
    const own = { path, required: schema.required?.includes(name) ?? false, wanted: wantedOf(inner), doc: inner.description ?? "" };
    return [own, ...fieldsOf(inner, path), ...(inner.items ? fieldsOf(inner.items, path) : [])];
  });

/** Every field of `POST /v1/messages`, derived from the schema that checks it. */
export const messageFields: readonly FieldReference[] = fieldsOf(
  z.toJSONSchema(messageGiven, { io: "input", unrepresentable: "any" }) as JsonSchema,
  "",
);

const byPath = new Map(messageFields.map((field) => [field.path, field]));

/** The documented field for a path: `content.attachments.0.filename` leads to that of every attachment, `metadata.a` to metadata. */
export const fieldAt = (path: string): FieldReference | undefined => {
  const names = path.split(".").filter((name) => !/^\d+$/.test(name));
  for (let length = names.length; length > 0; length -= 1) {
    const found = byPath.get(names.slice(0, length).join("."));
    if (found) return found;
  }
  return undefined;
};

/** Path of the field reference that Carillon serves. */
export const referencePath = "/docs/messages";

/** Link to a field in the reference. */
export const referenceOf = (path: string): string => {
  const field = fieldAt(path);
  return field ? `${referencePath}#${field.path}` : referencePath;
};
