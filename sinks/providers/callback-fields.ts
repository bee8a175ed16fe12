import { CarillonError } from "../../schemas/errors.js";
import type { CallbackRequest } from "./definition.js";

/** Text fields of a callback, whether they came by query, form or JSON. */
export const fieldsOf = ({ fields, json }: CallbackRequest): Readonly<Record<string, string>> => {
  const body = typeof json === "object" && json !== null && !Array.isArray(json) ? json : {};
  const texts = Object.entries(body).flatMap(([name, value]) =>
    typeof value === "string" || typeof value === "number" ? [[name, String(value)] as const] : [],
  );
  return { ...fields, ...Object.fromEntries(texts) };
};

/** Longest id or state that is believed: it becomes part of keys. */
export const mostCharacters = 500;

/** The first of these fields that is there. Throws CALLBACK_REFUSED, naming them, when none is. */
export const requireField = (fields: Readonly<Record<string, string>>, ...names: readonly [string, ...string[]]): string => {
  const value = names.map((name) => fields[name]).find((text) => text !== undefined && text !== "");
  if (value === undefined) {
    throw new CarillonError("CALLBACK_REFUSED", `${names[0]}: is missing`, { fix: `the provider sends it as ${names.join(" or ")}` });
  }
  if (value.length > mostCharacters) {
    throw new CarillonError("CALLBACK_REFUSED", `${names[0]}: is longer than ${mostCharacters} characters`);
  }
  return value;
};

/** A time as providers write it: ISO 8601, seconds or milliseconds since 1970; undefined where it is none. */
export const instantOf = (text: string | undefined): number | undefined => {
  if (!text) return undefined;
  const number = Number(text);
  const ms = Number.isFinite(number) ? (number < 1e11 ? number * 1_000 : number) : Date.parse(text);
  return Number.isFinite(ms) && ms > 0 ? ms : undefined;
};
