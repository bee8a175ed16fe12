/** Keywords of a JSON schema as the library derives them. `wanted`, `typed` and `parameter` are Carillon's own metadata. */
type Keywords = Readonly<Record<string, unknown>>;

const upperFirst = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}`;

/** A field's purpose, then the values that it takes. */
const wordsOf = ({ description, wanted }: Keywords): Keywords => {
  const parts = [description, wanted].filter((part): part is string => typeof part === "string").map(upperFirst);
  return parts.length > 0 ? { description: parts.join(". ") } : {};
};

/** A default in the form of the given value: a list in a query is text. */
const presetOf = ({ default: preset, type }: Keywords): Keywords => {
  if (preset === undefined || (Array.isArray(preset) && preset.length === 0)) return {};
  return { default: Array.isArray(preset) && type === "string" ? preset.join(",") : preset };
};

const isBound = (value: unknown): boolean => typeof value === "number" && Math.abs(value) === Number.MAX_SAFE_INTEGER;
const isImpossible = (option: unknown): boolean => JSON.stringify(option) === '{"not":{}}';

/** The options that JSON can have; the only one instead of a choice. */
const optionsOf = (anyOf: unknown): Keywords => {
  if (!Array.isArray(anyOf)) return {};
  const options = anyOf.filter((option) => !isImpossible(option));
  return options.length === 1 ? (options[0] as Keywords) : { anyOf: options };
};

/**
 * The same schema without the library's noise: safe integers' bounds, patterns that a format already names, the type of names, and own
 * metadata.
 */
export const plainSchema = (schema: Keywords): Record<string, unknown> => {
  const { wanted, typed, parameter, propertyNames, description, default: preset, anyOf, pattern, minimum, maximum, ...rest } = schema;
  if (typeof parameter === "object" && parameter !== null) return { ...parameter, ...presetOf(schema), ...wordsOf(schema) };
  return {
    ...rest,
    ...optionsOf(anyOf),
    ...(pattern === undefined || rest.format === "date-time" ? {} : { pattern }),
    ...(minimum === undefined || isBound(minimum) ? {} : { minimum }),
    ...(maximum === undefined || isBound(maximum) ? {} : { maximum }),
    ...presetOf(schema),
    ...wordsOf(schema),
  };
};
