import { refuseQuery } from "./refused-query.js";

const timeFields = new Set("acceptedAt notBefore updatedAt sentAt finalAt expiresAt from lineage.at".split(" "));
const comparisons = new Set("$eq $ne $gt $gte $lt $lte $in $nin $all".split(" "));

type Fields = Readonly<Record<string, unknown>>;

const isFields = (value: unknown): value is Fields =>
  value !== null && typeof value === "object" && !Array.isArray(value) && !(value instanceof Date) && !(value instanceof RegExp);

const assertTime = (field: string, value: unknown): void => {
  if (value instanceof Date || value === null) return;
  const shown = value instanceof RegExp ? String(value) : JSON.stringify(value);
  refuseQuery(field, `is a time, but is compared with ${shown}`, 'give a time such as {"$date":"2026-11-21T00:00:00Z"}, or null');
};

const assertOperator = (field: string, operator: string, value: unknown): void => {
  if (operator === "$not") assertCondition(field, value);
  else if (operator === "$regex") assertTime(field, value);
  else if (comparisons.has(operator)) for (const one of Array.isArray(value) ? value : [value]) assertTime(field, one);
};

const assertCondition = (field: string, condition: unknown): void => {
  const operators = isFields(condition) && Object.keys(condition).some((key) => key.startsWith("$")) ? condition : { $eq: condition };
  for (const [operator, value] of Object.entries(operators)) assertOperator(field, operator, value);
};

/** The filters inside a filter, each with the path of the array whose items it applies to. */
const partsOf = (field: string, key: string, value: unknown, within: string): readonly (readonly [Fields, string])[] => {
  if (key.startsWith("$")) return (Array.isArray(value) ? value : []).filter(isFields).map((part) => [part, within] as const);
  return isFields(value) && isFields(value.$elemMatch) ? [[value.$elemMatch, `${field}.`]] : [];
};

/**
 * Refuses to compare a time field with a string or a number: MongoDB returns nothing for such a query, or everything if it is negated.
 * `within`: path of the array whose items are queried.
 */
export const assertTimes = (filter: Fields, within = ""): void => {
  for (const [key, value] of Object.entries(filter)) {
    const field = `${within}${key}`;
    if (timeFields.has(field)) assertCondition(field, value);
    for (const [part, path] of partsOf(field, key, value, within)) assertTimes(part, path);
  }
};
