import { CarillonError } from "../../schemas/errors.js";
import type { CallbackRequest } from "./definition.js";

/** Text fields of a callback, from query, form or JSON. */
export const fieldsOf = ({ fields, json }: CallbackRequest): Readonly<Record<string, string>> => {
  const body = typeof json === "object" && json !== null && !Array.isArray(json) ? json : {};
  const texts = Object.entries(body).flatMap(([name, value]) =>
    typeof value === "string" || typeof value === "number" ? [[name, String(value)] as const] : [],
  );
  return { ...fields, ...Object.fromEntries(texts) };
};

/** Longest id or state that is accepted, because it becomes part of keys. */
export const mostCharacters = 500;

/** The first of these fields that is present. Throws CALLBACK_REFUSED, naming them, if none is. */
export const requireField = (fields: Readonly<Record<string, string>>, ...names: readonly [string, ...string[]]): string => {
  const value = names
    .map((name) => (Object.hasOwn(fields, name) ? fields[name] : undefined))
    .find((text) => text !== undefined && text !== "");
  if (value === undefined) {
    throw new CarillonError("CALLBACK_REFUSED", `${names[0]}: is missing`, { fix: `the provider sends it as ${names.join(" or ")}` });
  }
  if (value.length > mostCharacters) {
    throw new CarillonError("CALLBACK_REFUSED", `${names[0]}: is longer than ${mostCharacters} characters`);
  }
  return value;
};

/** The texts that are neither missing nor empty. */
export const optional = <Name extends string>(texts: Readonly<Record<Name, string | null | undefined>>): Partial<Record<Name, string>> =>
  Object.fromEntries(Object.entries(texts).filter(([, text]) => text)) as Partial<Record<Name, string>>;

/** The recipient named in a receipt, if any. */
export const recipientsOf = (recipient: string | null | undefined): { readonly recipients?: readonly string[] } =>
  recipient ? { recipients: [recipient] } : {};
