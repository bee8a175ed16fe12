import { Context } from "mingo/core";
import * as accumulator from "mingo/operators/accumulator";
import * as expression from "mingo/operators/expression";
import * as pipeline from "mingo/operators/pipeline";
import * as projection from "mingo/operators/projection";
import { $and, $nor, $not, $or } from "mingo/operators/query";
import * as window from "mingo/operators/window";
import { Query } from "mingo/query";
import type { Options } from "mingo/types";
import { compareValues, typeOf, typeTestOf } from "./compare-values.js";
import { type Element, missing, SingleItem, someElement, someElementOrItem } from "./elements.js";
import { mongoExpressions } from "./mongo-expressions.js";
import { mongoStages, pushed } from "./mongo-stages.js";
import { pcrePattern } from "./pcre-pattern.js";

type Predicate = (document: unknown) => boolean;
/** A mingo operator: turns a field and a value into a predicate over documents. */
type Operator = (selector: string, value: unknown, options: Options) => Predicate;

type Some = (document: unknown, path: readonly string[], test: (element: Element) => boolean) => boolean;

/** True if any element at the end of the path passes. */
const passing = (some: Some, test: (element: Element) => boolean, selector: string): Predicate => {
  const path = selector.split(".");
  return (document) => some(document, path, test);
};

const isEqualTo = (value: unknown): ((element: Element) => boolean) => {
  if (value instanceof RegExp) {
    const pattern = pcrePattern(value);
    return (element) => typeof element === "string" && pattern.test(element);
  }
  if (typeof value === "string" || typeof value === "boolean") return (element) => element === value;
  const type = typeOf(value);
  return (element) => typeOf(element) === type && compareValues(element, value) === 0;
};

const negated =
  (predicate: Predicate): Predicate =>
  (document) =>
    !predicate(document);

const equals: Operator = (selector, value) => passing(someElementOrItem, isEqualTo(value), selector);

const isIn: Operator = (selector, value) => {
  const tests = (value as readonly unknown[]).map(isEqualTo);
  return passing(someElementOrItem, (element) => tests.some((test) => test(element)), selector);
};

/** Only values of the same type are ordered. A missing field equals null. */
const ordered =
  (holds: (order: number) => boolean): Operator =>
  (selector, value) => {
    const type = typeOf(value);
    return passing(someElementOrItem, (element) => typeOf(element) === type && holds(compareValues(element, value)), selector);
  };

const hasType: Operator = (selector, value) => {
  const tests = (Array.isArray(value) ? value : [value]).flatMap((type) => typeTestOf(type) ?? []);
  return passing(someElementOrItem, (element) => element !== missing && tests.some((test) => test(element)), selector);
};

const hasRemainder: Operator = (selector, value) => {
  const [divisor = 0, remainder = 0] = (value as readonly number[]).map(Math.trunc);
  return passing(someElementOrItem, (element) => typeof element === "number" && Math.trunc(element) % divisor === remainder, selector);
};

const isOperators = (value: object): boolean => {
  const [first] = Object.keys(value);
  return first?.startsWith("$") === true && !["$and", "$or", "$nor"].includes(first);
};

/** True if one item of the array passes all conditions. Items that are arrays are not searched. */
const someItem: Operator = (selector, value, options) => {
  const conditions = value as Readonly<Record<string, unknown>>;
  const byValue = isOperators(conditions);
  const query = new Query((byValue ? { item: conditions } : conditions) as never, options);
  // inside an array, MongoDB treats an array as an object whose fields are positions
  const documentOf = (item: unknown): unknown => (byValue ? new SingleItem(item) : Array.isArray(item) ? { ...item } : item);
  const passes = (item: unknown): boolean => {
    const document = documentOf(item);
    return document !== null && typeof document === "object" && query.test(document as never);
  };
  return passing(someElement, (element) => Array.isArray(element) && element.some(passes), selector);
};

const holdsAll: Operator = (selector, value, options) => {
  const predicates = (value as readonly unknown[]).map((one) => {
    const conditions = one !== null && typeof one === "object" ? (one as Readonly<Record<string, unknown>>).$elemMatch : undefined;
    return conditions === undefined ? equals(selector, one, options) : someItem(selector, conditions, options);
  });
  return (document) => predicates.length > 0 && predicates.every((predicate) => predicate(document));
};

/** Filter operators with MongoDB's rules for paths, null and arrays, which mingo's own follow only in part. */
const matchOperators: Readonly<Record<string, Operator>> = {
  $eq: equals,
  $ne: (...given) => negated(equals(...given)),
  $in: isIn,
  $nin: (...given) => negated(isIn(...given)),
  $gt: ordered((order) => order > 0),
  $gte: ordered((order) => order >= 0),
  $lt: ordered((order) => order < 0),
  $lte: ordered((order) => order <= 0),
  $exists: (selector, value) => {
    const exists = passing(someElement, (element) => element !== missing, selector);
    return value ? exists : negated(exists);
  },
  $type: hasType,
  $regex: (selector, value) => passing(someElementOrItem, isEqualTo(value), selector),
  $mod: hasRemainder,
  $size: (selector, value) => passing(someElement, (element) => Array.isArray(element) && element.length === value, selector),
  $all: holdsAll,
  $elemMatch: someItem,
};

/** mingo's evaluation context: the operators above for filters, and its own expressions and stages if they follow MongoDB's rules. */
export const mongoContext = Context.init({
  accumulator: { ...accumulator, $push: pushed as never },
  expression: { ...expression, ...mongoExpressions } as never,
  pipeline: { ...pipeline, ...mongoStages } as never,
  projection,
  window,
  query: { $and, $or, $nor, $not, ...matchOperators } as never,
});
