import type { z } from "zod";
import type { ParsedMessage } from "./parsed-message.js";

/** The shape of a message, and the values that stand for its absent fields; fields without one are omitted. */
export interface MessageForm {
  readonly shape: z.ZodType<ParsedMessage>;
  readonly absent: Readonly<Record<string, unknown>>;
}

/** A message whose invalid fields are absent. */
export interface ValidFields {
  readonly parsed: ParsedMessage;
  /** Names of the fields with an invalid shape. */
  readonly invalid: ReadonlySet<string>;
}

/** Stands for an invalid field that cannot be absent. No rule reads it. */
const unread = { channel: "unread", to: "unread" };

const isTree = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const removeField = (tree: Record<string, unknown>, name: string, absent: unknown): void => {
  if (isTree(absent) && Object.hasOwn(absent, name)) tree[name] = absent[name];
  else delete tree[name];
};

/**
 * Removes the invalid fields, so that the rules of the valid ones can be checked. `paths`: the invalid fields and parts. Undefined: nothing
 * is left to check.
 */
export const validFieldsOf = (
  input: unknown,
  paths: Iterable<readonly PropertyKey[]>,
  { shape, absent }: MessageForm,
): ValidFields | undefined => {
  if (!isTree(input)) return undefined;
  const fields: Record<string, unknown> = { ...input };
  const content = isTree(input.content) ? { ...input.content } : undefined;
  if (content) fields.content = content;
  const invalid = new Set<string>();
  for (const [first = "", part] of paths) {
    const name = String(first);
    invalid.add(name);
    if (name === "content" && content && part !== undefined) removeField(content, String(part), absent.content);
    else removeField(fields, name, { ...unread, ...absent });
  }
  const { data } = shape.safeParse(fields);
  return data && { parsed: data, invalid };
};
