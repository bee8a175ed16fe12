import { typeTestOf } from "./compare-values.js";
import { refuseQuery } from "./refused-query.js";
import { assertRegex } from "./regex-rules.js";

type Fields = Readonly<Record<string, unknown>>;

const isFields = (value: unknown): value is Fields =>
  value !== null && typeof value === "object" && !Array.isArray(value) && !(value instanceof Date) && !(value instanceof RegExp);

const isOperators = (value: unknown): value is Fields => isFields(value) && Object.keys(value).some((key) => key.startsWith("$"));

const shown = (value: unknown): string => {
  const text = value instanceof RegExp ? String(value) : (JSON.stringify(value) ?? String(value));
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
};

const assertComparable = (field: string, operator: string, value: unknown): void => {
  if (value instanceof RegExp) refuseQuery(field, `${operator} takes no pattern`, "use $regex, $in, or $not with a pattern");
  if (isOperators(value)) refuseQuery(field, `${operator} takes a value, not ${shown(value)}`, "put the operators side by side");
};

const assertList = (field: string, operator: string, value: unknown): readonly unknown[] =>
  Array.isArray(value) ? value : refuseQuery(field, `${operator} takes a list, not ${shown(value)}`, `give {"${operator}":[…]}`);

const assertEach = (field: string, operator: string, value: unknown): void => {
  for (const one of assertList(field, operator, value)) {
    if (one instanceof RegExp) assertRegex(one.source, one.flags);
    else assertComparable(field, operator, one);
  }
};

type Rule = (field: string, value: unknown, conditions: Fields) => void;

const comparing =
  (operator: string): Rule =>
  (field, value) =>
    assertComparable(field, operator, value);

/** The argument that each field operator accepts. Source: MongoDB manual, Query Predicates. */
const rules: Readonly<Record<string, Rule>> = {
  $eq: (field, value) => {
    if (value instanceof RegExp) refuseQuery(field, `$eq takes no pattern`, "use $regex");
    assertComparable(field, "$eq", value);
  },
  $ne: comparing("$ne"),
  $gt: comparing("$gt"),
  $gte: comparing("$gte"),
  $lt: comparing("$lt"),
  $lte: comparing("$lte"),
  $in: (field, value) => assertEach(field, "$in", value),
  $nin: (field, value) => assertEach(field, "$nin", value),
  $all: (field, value) => {
    const list = assertList(field, "$all", value);
    const nested = list.filter((one) => isFields(one) && "$elemMatch" in one) as Fields[];
    for (const one of nested) assertConditions(field, one);
    assertEach(
      field,
      "$all",
      list.filter((one) => !nested.includes(one as Fields)),
    );
  },
  $not: (field, value) => {
    if (value instanceof RegExp) assertRegex(value.source, value.flags);
    else if (isOperators(value)) assertConditions(field, value);
    else refuseQuery(field, `$not takes operators or a pattern, not ${shown(value)}`, 'use {"$ne": …} for a value');
  },
  $exists: (field, value) => {
    if (typeof value !== "boolean" && value !== 0 && value !== 1) refuseQuery(field, `$exists takes true or false, not ${shown(value)}`);
  },
  $type: (field, value) => {
    const types = Array.isArray(value) ? value : [value];
    const unknown = types.find((type) => typeTestOf(type) === undefined);
    if (types.length === 0 || unknown !== undefined)
      refuseQuery(
        field,
        `$type does not know ${shown(unknown ?? value)}`,
        "give string, number, int, double, bool, date, array, object or null",
      );
  },
  $size: (field, value) => {
    if (!Number.isInteger(value) || (value as number) < 0) refuseQuery(field, `$size takes a whole number from 0, not ${shown(value)}`);
  },
  $mod: (field, value) => {
    const [divisor, remainder, ...more] = assertList(field, "$mod", value);
    const numbers = [divisor, remainder].every((one) => typeof one === "number" && Number.isFinite(one));
    if (!numbers || more.length > 0 || Math.trunc(divisor as number) === 0)
      refuseQuery(field, `$mod takes a divisor that is not 0 and a remainder, not ${shown(value)}`, 'give {"$mod":[10,3]}');
  },
  $regex: (field, value, { $options = "" }) => {
    if (value instanceof RegExp) assertRegex(value.source, value.flags);
    else if (typeof value === "string" && typeof $options === "string") assertRegex(value, $options);
    else refuseQuery(field, `$regex and $options take strings`);
  },
  $options: (field, _, conditions) => {
    if (!("$regex" in conditions)) refuseQuery(field, `$options requires $regex`);
  },
  $elemMatch: (field, value) => {
    if (!isFields(value)) refuseQuery(field, `$elemMatch takes conditions, not ${shown(value)}`);
    else if (isOperators(value) && !Object.keys(value).some((key) => key in logical)) assertConditions(field, value);
    else assertQuery(value, `${field}.`);
  },
};

const logical: Readonly<Record<string, true>> = { $and: true, $or: true, $nor: true };

/** Operators allowed in a filter. They only compare. */
export const queryOperators: ReadonlySet<string> = new Set([...Object.keys(rules), ...Object.keys(logical)]);

/** All conditions on one field. */
const assertConditions = (field: string, conditions: Fields): void => {
  for (const [operator, value] of Object.entries(conditions)) {
    const rule = Object.hasOwn(rules, operator) ? rules[operator] : undefined;
    if (rule) rule(field, value, conditions);
    else if (Object.hasOwn(logical, operator))
      refuseQuery(field, `${operator} is allowed only outside fields`, `write {"${operator}":[{"${field}":…}]}`);
    else refuseQuery(field, `${operator} cannot be combined with operators`, "give only operators, or only a value");
  }
};

const assertField = (field: string, value: unknown): void => {
  if (field.startsWith("$")) refuseQuery(field, `is used in place of a field name`, `write {"field":{"${field}":…}}`);
  if (value instanceof RegExp) assertRegex(value.source, value.flags);
  else if (isOperators(value)) assertConditions(field, value);
};

/** A filter, or a part of one. `within`: path of the array whose items it applies to. */
const assertQuery = (query: Fields, within = ""): void => {
  for (const [key, value] of Object.entries(query)) {
    if (!Object.hasOwn(logical, key)) {
      assertField(key.startsWith("$") ? key : `${within}${key}`, value);
      continue;
    }
    const parts = assertList("filter", key, value);
    if (parts.length === 0) refuseQuery("filter", `${key} takes at least one filter`, `give {"${key}":[{…}]}, or leave it out`);
    for (const part of parts) {
      if (!isFields(part)) refuseQuery("filter", `${key} takes filters, not ${shown(part)}`);
      else assertQuery(part, within);
    }
  }
};

/** Throws FILTER_REFUSED for an operator in the wrong place or with a wrong argument, naming field, operator and argument. */
export const assertOperands = (filter: Fields): void => assertQuery(filter);
