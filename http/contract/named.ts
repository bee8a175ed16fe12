import type { z } from "zod";

const names = new WeakMap<z.ZodType, string>();

/** Names a schema, so that the API's description defines it once and refers to it. */
export const named = <Schema extends z.ZodType>(name: string, schema: Schema): Schema => {
  names.set(schema, name);
  return schema;
};

/** The name of a schema; undefined if it is described in place. */
export const nameOf = (schema: z.ZodType): string | undefined => names.get(schema);
