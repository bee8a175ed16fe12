import { z } from "zod";

/** A field of a schema, for documentation and errors. */
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
  readonly minimum?: number;
  readonly maxItems?: number;
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly items?: JsonSchema;
  readonly additionalProperties?: JsonSchema | boolean;
}

const characters = ({ minLength, maxLength }: JsonSchema): string => {
  if (maxLength !== undefined) return ` of ${minLength ? `${minLength} to` : "at most"} ${maxLength.toLocaleString("en-US")} characters`;
  return minLength ? ", not empty" : "";
};

/** A list, a map or an object. */
const wantedTree = ({ type, items, additionalProperties, maxItems }: JsonSchema): string | undefined => {
  if (type === "array" && items?.enum) return `a list of ${items.enum.join(", ")}`;
  if (type === "array" && items) return `a list${maxItems === undefined ? "" : ` of at most ${maxItems} entries`}`;
  if (type === "object" && typeof additionalProperties === "object") return `a map of names to ${wantedOf(additionalProperties)}`;
  return type === "object" ? "an object" : undefined;
};

const wantedOf = (schema: JsonSchema): string => {
  const { wanted, type, minimum } = schema;
  if (wanted !== undefined) return wanted;
  if (type === "string") return `text${characters(schema)}`;
  if (type === "integer") return `a whole number${minimum === undefined ? "" : ` of at least ${minimum}`}`;
  if (type === "boolean") return "true or false";
  return wantedTree(schema) ?? type ?? "any value";
};

const fieldsOf = (schema: JsonSchema, under: string): FieldReference[] =>
  Object.entries(schema.properties ?? {}).flatMap(([name, inner]) => {
    const path = under ? `${under}.${name}` : name;
    const own = { path, required: schema.required?.includes(name) ?? false, wanted: wantedOf(inner), doc: inner.description ?? "" };
    return [own, ...fieldsOf(inner, path), ...(inner.items ? fieldsOf(inner.items, path) : [])];
  });

/** Every field of a schema that checks an input. */
export const fieldsOfSchema = (schema: z.ZodType): readonly FieldReference[] =>
  fieldsOf(z.toJSONSchema(schema, { io: "input", unrepresentable: "any" }) as JsonSchema, "");

/** The field for a path: `content.attachments.0.filename` leads to that of every attachment, `metadata.a` to metadata. */
export const closestField = (fields: readonly FieldReference[], path: string): FieldReference | undefined => {
  const names = path.split(".").filter((name) => !/^\d+$/.test(name));
  for (let length = names.length; length > 0; length -= 1) {
    const found = fields.find((field) => field.path === names.slice(0, length).join("."));
    if (found) return found;
  }
  return undefined;
};
