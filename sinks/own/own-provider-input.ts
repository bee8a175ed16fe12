import { z } from "zod";
import type { Finding } from "../../channels/finding.js";
import { type Checked, inputCheck, isValid } from "../../client/check-input.js";
import { isSecretPath } from "../../config/secrets.js";
import { leastSecretCharacters } from "../../schemas/secret-mask.js";
import { type OwnType, ownTypeOf, ownTypes, refusalOfType } from "./own-types.js";
import { secretTextsIn, withSecrets } from "./stored-options.js";

const typeNames = ownTypes.map(({ definition }) => definition.type).join(", ");

/** The paths of secrets are names of options with dots. */
const secretPath = z.string().regex(/^[A-Za-z0-9]{1,40}(\.[A-Za-z0-9]{1,40}){0,3}$/, "is not a name of an option such as auth.token");

/** The body of `PUT /v1/tenants/ID/providers/NAME`. */
export const ownProviderGiven = z.strictObject({
  type: z
    .string()
    .max(64)
    .describe("the type of the provider")
    .meta({ wanted: `one of ${typeNames}` }),
  options: z
    .record(z.string(), z.unknown())
    .default({})
    .describe("the options of the type, as under providers.<name> in the configuration, without secrets")
    .meta({ wanted: "an object with the options of the type" }),
  secrets: z
    .record(secretPath, z.string().max(16_384))
    .default({})
    .describe("the secret options by their names, such as password or auth.token")
    .meta({ wanted: "an object of names of options and their secret values" }),
});

export type OwnProviderGiven = z.output<typeof ownProviderGiven>;

/** A provider of a tenant as given, and the options that result. */
export interface CheckedOwnProvider extends OwnProviderGiven {
  readonly of: OwnType;
  /** With defaults and secrets. */
  readonly parsed: Readonly<Record<string, unknown>>;
}

const checkShape = inputCheck(ownProviderGiven, {
  whole: "body",
  wanted: "give an object with type, options and secrets",
  unknownField: "leave it out: options of the type belong in options, and secret ones in secrets",
});

/** Whether an option is secret. Fields of a request have names of their own, which say nothing. */
const isSecret = (path: string): boolean => isSecretPath(path) && !/^(fields|answer|receipt)\./.test(path);

const finding = (field: string, problem: string, fix: string): Finding => ({ field, reason: "invalid_request", problem, fix });

const misplaced = ({ options, secrets }: OwnProviderGiven): readonly Finding[] => [
  ...secretTextsIn(options, isSecret).map((path) =>
    finding(`options.${path}`, "is secret, and options are not stored as secrets", `give it as secrets["${path}"]`),
  ),
  ...Object.keys(secrets)
    .filter((path) => !isSecret(path))
    .map((path) => finding(`secrets.${path}`, "is not a secret option", `give it under options`)),
  ...Object.entries(secrets)
    .filter(([, secret]) => secret.length < leastSecretCharacters)
    .map(([path]) => finding(`secrets.${path}`, `has fewer than ${leastSecretCharacters} characters`, "give a longer one")),
];

/** URLs are shown to everyone who may read the provider. */
const accountsIn = (options: Readonly<Record<string, unknown>>): readonly Finding[] =>
  Object.entries(options).flatMap(([name, value]) =>
    typeof value === "string" && /^[a-z][a-z0-9+.-]*:\/\/[^/?#\s]*@/i.test(value)
      ? [finding(`options.${name}`, "contains an account", "leave the account out of the URL, and give it with the other options")]
      : [],
  );

const checkOptions = ({ definition, schema }: OwnType, given: OwnProviderGiven): Checked<Readonly<Record<string, unknown>>> => {
  const fieldOf = (path: string): string => (Object.hasOwn(given.secrets, path) ? `secrets.${path}` : `options.${path}`);
  const check = inputCheck<Readonly<Record<string, unknown>>>(schema, {
    whole: "",
    wanted: "give an object with the options of the type",
    unknownField: `leave it out: a provider of the type ${definition.type} has no such option for tenants`,
  });
  const checked = check(withSecrets(given.options, given.secrets));
  if (!isValid(checked)) return { errors: checked.errors.map((one) => ({ ...one, field: one.field ? fieldOf(one.field) : "options" })) };
  const missing = (definition.missing?.(checked.value) ?? []).map((text) => {
    const [path = "", ...problem] = text.split(": ");
    const field = isSecret(path) ? `secrets.${path}` : fieldOf(path);
    return finding(field, problem.join(": "), "see the options of the type in docs/reference.md");
  });
  return missing.length > 0 ? { errors: missing } : { value: checked.value };
};

/** Checks a provider of a tenant by the schema of its type, as the configuration's are. */
export const checkOwnProvider = (input: unknown): Checked<CheckedOwnProvider> => {
  const shape = checkShape(input);
  if (!isValid(shape)) return shape;
  const of = ownTypeOf(shape.value.type);
  if (!of) return { errors: [finding("type", refusalOfType(shape.value.type), `give one of ${typeNames}`)] };
  const wrong = [...misplaced(shape.value), ...accountsIn(shape.value.options)];
  if (wrong.length > 0) return { errors: wrong };
  const options = checkOptions(of, shape.value);
  return isValid(options) ? { value: { ...shape.value, of, parsed: options.value } } : options;
};
