import { compareValues, typeOf } from "./compare-values.js";
import { refuseQuery } from "./refused-query.js";

type Fields = Readonly<Record<string, unknown>>;

const shown = (value: unknown): string => (JSON.stringify(value) ?? String(value)).slice(0, 60);

const isFields = (value: unknown): value is Fields => typeOf(value) === "object" && !(value instanceof RegExp);

const isWhole = (value: unknown, least: number): boolean => Number.isSafeInteger(value) && (value as number) >= least;

const isPath = (value: unknown): boolean => typeof value === "string" && /^\$[^$.]/.test(value);

const isAscending = (values: readonly unknown[]): boolean =>
  values.every((value, index) => index === 0 || (typeOf(value) === typeOf(values[0]) && compareValues(values[index - 1], value) < 0));

const isAccumulator = (value: unknown): boolean => {
  const names = isFields(value) ? Object.keys(value) : [];
  return names.length === 1 && names[0]?.startsWith("$") === true;
};

/** For some stages, whether an argument is valid and how the error describes valid ones. Source: MongoDB manual, Aggregation Stages. */
const rules: Readonly<Record<string, readonly [takes: string, isRight: (argument: unknown) => boolean]>> = {
  $limit: ["a whole number from 1", (argument) => isWhole(argument, 1)],
  $skip: ["a whole number from 0", (argument) => isWhole(argument, 0)],
  $count: ["a field name", (argument) => typeof argument === "string" && /^[^$.\0][^.\0]*$/.test(argument)],
  $unwind: ['a path, such as "$lineage"', (argument) => isPath(isFields(argument) ? argument.path : argument)],
  $sort: [
    "fields, each with 1 or -1",
    (argument) => isFields(argument) && Object.keys(argument).length > 0 && Object.values(argument).every((one) => one === 1 || one === -1),
  ],
  $group: [
    'an _id, and accumulators such as {"$sum":1}',
    (argument) =>
      isFields(argument) && "_id" in argument && Object.entries(argument).every(([name, one]) => name === "_id" || isAccumulator(one)),
  ],
  $unset: [
    "field names",
    (argument) =>
      [argument].flat().length > 0 && [argument].flat().every((one) => typeof one === "string" && one !== "" && !one.startsWith("$")),
  ],
  $bucket: [
    "groupBy, and boundaries in ascending order",
    (argument) =>
      isFields(argument) &&
      "groupBy" in argument &&
      Array.isArray(argument.boundaries) &&
      argument.boundaries.length > 1 &&
      isAscending(argument.boundaries),
  ],
};

/** Throws FILTER_REFUSED, naming the stage, for an invalid argument. */
export const assertStageArgument = (name: string, argument: unknown): void => {
  const [takes, isRight] = (Object.hasOwn(rules, name) ? rules[name] : undefined) ?? [];
  if (isRight && !isRight(argument)) refuseQuery(name, `takes ${takes}, not ${shown(argument)}`, `give ${takes}`);
};
