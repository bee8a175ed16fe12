import fc from "fast-check";
import { nastyText } from "./property.js";

type Schema = string | readonly Schema[] | SchemaObject;
interface SchemaObject {
  readonly type: Schema;
  readonly name?: string;
  readonly fields?: readonly { readonly name: string; readonly type: Schema }[];
  readonly symbols?: readonly string[];
  readonly items?: Schema;
  readonly values?: Schema;
}

const primitives: Readonly<Record<string, () => fc.Arbitrary<unknown>>> = {
  null: () => fc.constant(null),
  boolean: () => fc.boolean(),
  int: () => fc.integer(),
  // beyond this avsc loses the last bit of negative numbers; times and counts are far below
  long: () => fc.integer({ min: -(2 ** 52), max: 2 ** 52 }),
  double: () => fc.double({ noNaN: true }),
  string: () => nastyText(),
  bytes: () => fc.uint8Array({ maxLength: 64 }).map((bytes) => Buffer.from(bytes)),
};

/** Values of an Avro schema. */
export const valuesOf = (schema: unknown, named = new Map<string, SchemaObject>()): fc.Arbitrary<unknown> => {
  const known = schema as Schema;
  if (Array.isArray(known)) return fc.oneof(...known.map((branch: Schema) => valuesOf(branch, named)));
  if (typeof known === "string") {
    const primitive = primitives[known];
    return primitive ? primitive() : valuesOf(named.get(known), named);
  }
  const object = known as SchemaObject;
  if (object.name) named.set(object.name, object);
  if (object.type === "record")
    return fc.record(Object.fromEntries((object.fields ?? []).map(({ name, type }) => [name, valuesOf(type, named)])));
  if (object.type === "enum") return fc.constantFrom(...(object.symbols ?? []));
  if (object.type === "array") return fc.array(valuesOf(object.items, named), { maxLength: 4 });
  if (object.type === "map") return fc.dictionary(nastyText(12), valuesOf(object.values, named), { maxKeys: 4, noNullPrototype: true });
  return valuesOf(object.type, named);
};
