/** The parts of /openapi.json that the page shows. */

export interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly default?: unknown;
  readonly format?: string;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: Schema | boolean;
}

export interface Media {
  readonly schema?: Schema;
  /** Of each line or event. */
  readonly "x-item-schema"?: Schema;
}

export type Content = Readonly<Record<string, Media>>;

export interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required: boolean;
  readonly description?: string;
  readonly schema: Schema;
}

export interface Operation {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly summary: string;
  readonly description?: string;
  readonly "x-access": string;
  /** The scope that the key needs; undefined if the operation needs no key. */
  readonly "x-scope"?: string;
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly description?: string; readonly content: Content };
  readonly responses: Readonly<
    Record<string, { readonly description: string; readonly content?: Content; readonly headers?: Readonly<Record<string, unknown>> }>
  >;
}

export interface ApiDocument {
  readonly tags: readonly { readonly name: string; readonly description: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

/** An operation with its place. */
export interface Placed {
  readonly method: string;
  readonly path: string;
  readonly operation: Operation;
}

export const operationsOf = ({ paths }: Pick<ApiDocument, "paths">): readonly Placed[] =>
  Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ method: method.toUpperCase(), path, operation })),
  );

/** Whether an operation's path, id or summary contains a text. */
export const matches = ({ method, path, operation }: Placed, text: string): boolean =>
  `${method} ${path} ${operation.operationId} ${operation.summary}`.toLowerCase().includes(text.trim().toLowerCase());

const objectText = ({ properties, additionalProperties }: Schema): string =>
  typeof additionalProperties === "object" && !properties && Object.keys(additionalProperties).length > 0
    ? `map of ${typeText(additionalProperties)}`
    : "object";

/** All references of the document are to named schemas. */
const componentsRef = "#/components/schemas/";

type Schemas = Readonly<Record<string, Schema>>;

const nameOf = (ref: string): string => ref.slice(componentsRef.length);

const resolved = (schema: Schema, named: Schemas): Schema => (schema.$ref === undefined ? schema : (named[nameOf(schema.$ref)] ?? schema));

/** One form of a body. `name`: of its schema, if the body has several forms. */
export interface Form {
  readonly name: string | undefined;
  readonly fields: readonly Field[];
}

/** The forms of a body that have fields: one for each named schema of a choice. */
export const formsOf = (schema: Schema, named: Schemas): readonly Form[] => {
  const choices = schema.anyOf?.filter(({ $ref }) => $ref !== undefined) ?? [];
  const forms: readonly Form[] =
    choices.length > 1
      ? choices.map((choice) => ({ name: nameOf(choice.$ref ?? ""), fields: fieldsOf(resolved(choice, named)) }))
      : [{ name: undefined, fields: fieldsOf(resolved(schema, named)) }];
  return forms.filter(({ fields }) => fields.length > 0);
};

/** A schema's type in a few words: `string`, `Message[]`, `email | sms | null`. */
export const typeText = (schema: Schema): string => {
  const { $ref, type, format, items, anyOf, enum: values } = schema;
  if ($ref !== undefined) return nameOf($ref);
  if (values) return values.map(String).join(" | ");
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (anyOf && type === undefined) return anyOf.map(typeText).join(" | ");
  if (type === "array") return items ? `${typeText(items)}[]` : "array";
  if (type === "object") return objectText(schema);
  const name = typeof type === "object" ? type.join(" | ") : (type ?? "any value");
  return format === undefined ? name : `${name} (${format})`;
};

/** A field of an object, with its path from the outermost one. */
export interface Field {
  readonly path: string;
  readonly type: string;
  readonly required: boolean;
  readonly description: string;
}

/** The object within a list, a choice or a map, whose fields can be shown. */
const innerOf = ({ items, anyOf, additionalProperties }: Schema): Schema | undefined => {
  if (items) return items;
  if (anyOf) return anyOf.find(({ properties }) => properties);
  return typeof additionalProperties === "object" ? additionalProperties : undefined;
};

const preset = (schema: Schema): string => (schema.default === undefined ? "" : `Default: ${JSON.stringify(schema.default)}`);

/** The fields of a schema, those of inner objects after each. Named schemas are shown by themselves. */
export const fieldsOf = (schema: Schema, within = ""): readonly Field[] => {
  if (!schema.properties) {
    const inner = innerOf(schema);
    return inner ? fieldsOf(inner, within) : [];
  }
  return Object.entries(schema.properties).flatMap(([name, field]) => {
    const path = within === "" ? name : `${within}.${name}`;
    const description = [field.description, preset(field)].filter((text) => text).join(". ");
    return [{ path, type: typeText(field), required: schema.required?.includes(name) ?? false, description }, ...fieldsOf(field, path)];
  });
};
