/** A value of an option as it is stored. */
export type StoredOption = string | number | boolean | null;

const jsonPrefix = "json:";

const isPlain = (value: unknown): value is StoredOption =>
  value === null || typeof value === "number" || typeof value === "boolean" || (typeof value === "string" && !value.startsWith(jsonPrefix));

/** Options as stored: lists and maps become JSON text, because their names may have characters that some stores do not take in names. */
export const storedOptionsOf = (options: Readonly<Record<string, unknown>>): Readonly<Record<string, StoredOption>> =>
  Object.fromEntries(
    Object.entries(options).map(([name, value]) => [name, isPlain(value) ? value : `${jsonPrefix}${JSON.stringify(value)}`]),
  );

export const optionsOfStored = (stored: Readonly<Record<string, StoredOption>>): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    Object.entries(stored).map(([name, value]) => {
      const isJson = typeof value === "string" && value.startsWith(jsonPrefix);
      return [name, isJson ? JSON.parse(value.slice(jsonPrefix.length)) : value];
    }),
  );

/** The path of a secret, such as `auth.token`, as the name of a stored field. Names of options have no underscore. */
export const storedSecretName = (path: string): string => path.replaceAll(".", "_");

export const secretPathOf = (stored: string): string => stored.replaceAll("_", ".");

const isMap = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The options with a value at a path. Maps on the way are copied, and made if they are missing. */
const withValue = (options: unknown, [name = "", ...rest]: readonly string[], value: string): Readonly<Record<string, unknown>> => {
  const map = isMap(options) ? options : {};
  return { ...map, [name]: rest.length === 0 ? value : withValue(map[name], rest, value) };
};

/** The options together with the secrets, as the configuration has them. */
export const withSecrets = (
  options: Readonly<Record<string, unknown>>,
  secrets: Readonly<Record<string, string>>,
): Readonly<Record<string, unknown>> =>
  Object.entries(secrets).reduce((all, [path, value]) => withValue(all, path.split("."), value), options);

/** The paths of all texts in the options that only secrets may be. */
export const secretTextsIn = (value: unknown, isSecret: (path: string) => boolean, path = ""): readonly string[] => {
  if (isMap(value))
    return Object.entries(value).flatMap(([name, inner]) => secretTextsIn(inner, isSecret, path === "" ? name : `${path}.${name}`));
  return typeof value === "string" && isSecret(path) ? [path] : [];
};
