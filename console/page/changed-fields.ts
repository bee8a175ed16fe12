import { secondText } from "./format.js";

type State = Readonly<Record<string, unknown>> | null;

/** A field that differs. Undefined: the field was absent. */
export interface ChangedField {
  readonly name: string;
  readonly before: string | undefined;
  readonly after: string | undefined;
}

/** The fields of one object that differ. */
export interface ChangedObject {
  /** Where the object is, from the outermost field, with dots; empty: the outermost object. */
  readonly path: string;
  readonly fields: readonly ChangedField[];
}

const isFields = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const instant = /^\d{4}-\d\d-\d\dT[\d:.]+Z$/;

const textOf = (value: unknown): string | undefined => {
  if (value === undefined) return undefined;
  if (value === null) return "none";
  if (Array.isArray(value)) return value.length === 0 ? "none" : value.map(textOf).join(", ");
  if (isFields(value)) return JSON.stringify(value);
  return typeof value === "string" && instant.test(value) ? secondText(value) : String(value);
};

/** Whether a field is new or gone, and had no value. */
const isEmpty = (before: unknown, after: unknown): boolean => (before ?? null) === null && (after ?? null) === null;

/** Whether two states of a field are objects, or one is and the other is absent. */
const isInner = (before: unknown, after: unknown): boolean => isFields(before ?? after) && isFields(after ?? before);

/** The fields that differ between two states of the audit log, which has only those. The fields of each object stay together. */
export const changedFields = (before: State, after: State, path = ""): readonly ChangedObject[] => {
  const names = [...new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])];
  const pairs = names.map((name) => ({ name, was: before?.[name], is: after?.[name] }));
  const fields = pairs
    .filter(({ was, is }) => !isInner(was, is) && !isEmpty(was, is))
    .map(({ name, was, is }) => ({ name, before: textOf(was), after: textOf(is) }));
  const inner = pairs
    .filter(({ was, is }) => isInner(was, is))
    .flatMap(({ name, was, is }) => changedFields((was ?? null) as State, (is ?? null) as State, path === "" ? name : `${path}.${name}`));
  return [...(fields.length > 0 ? [{ path, fields }] : []), ...inner];
};
