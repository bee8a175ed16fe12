import { z } from "zod";
import { plainSchema } from "./json-schema-words.js";
import { nameOf } from "./named.js";

/** A schema of JSON Schema 2020-12. */
export interface JsonSchema {
  [keyword: string]: unknown;
}

/** Converts schemas, and collects the named ones. */
export interface Schemas {
  /** The schema, or a reference to it if it has a name. */
  of(schema: z.ZodType): JsonSchema;
  /** The properties of an object, and the names of its required properties. */
  fieldsOf(schema: z.ZodObject): { readonly properties: Readonly<Record<string, JsonSchema>>; readonly required: readonly string[] };
  named(): Readonly<Record<string, JsonSchema>>;
}

const referenceTo = (name: string): JsonSchema => ({ $ref: `#/components/schemas/${name}` });

/** Replaces all keywords of a schema. */
const become = (schema: JsonSchema, wanted: JsonSchema): void => {
  for (const keyword of Object.keys(schema)) delete schema[keyword];
  Object.assign(schema, wanted);
};

/** The default, which the library omits where the given value is transformed. */
const presetOf = (schema: z.ZodType): JsonSchema => (schema instanceof z.ZodDefault ? { default: schema.def.defaultValue } : {});

export const createSchemas = (): Schemas => {
  const named = new Map<string, JsonSchema>();

  /** Converts a schema. Inner schemas with a name become references. */
  const convert = (root: z.ZodType): JsonSchema => {
    const inner: z.ZodType[] = [];
    const { $schema, ...converted } = z.toJSONSchema(root, {
      target: "draft-2020-12",
      io: "input",
      // only a type that JSON does not have: the other options of its union remain
      unrepresentable: () => ({ not: {} }),
      override: ({ zodSchema, jsonSchema, path }) => {
        const schema = zodSchema as unknown as z.ZodType;
        const name = path.length > 0 ? nameOf(schema) : undefined;
        if (name === undefined) return become(jsonSchema, plainSchema({ ...jsonSchema, ...presetOf(schema) }));
        inner.push(schema);
        return become(jsonSchema, referenceTo(name));
      },
    }) as JsonSchema;
    for (const schema of inner) of(schema);
    return converted;
  };

  const of = (schema: z.ZodType): JsonSchema => {
    const name = nameOf(schema);
    if (name === undefined) return convert(schema);
    if (!named.has(name)) {
      named.set(name, {}); // ends a recursion
      named.set(name, convert(schema));
    }
    return referenceTo(name);
  };

  return {
    of,
    fieldsOf: (schema) => {
      const { properties = {}, required = [] } = convert(schema) as { properties?: Record<string, JsonSchema>; required?: string[] };
      return { properties, required };
    },
    named: () => Object.fromEntries([...named].sort(([one], [other]) => (one < other ? -1 : 1))),
  };
};
