import { Document, isMap, type Node, type Pair, type Scalar, stringify } from "yaml";
import { z } from "zod";
import type { Mask } from "../schemas/secret-mask.js";
import type { Config, ConfigSchema } from "./schema.js";
import { isSecretPath, maskOf } from "./secrets.js";

/** Up to the last @ before the path, because a password may contain another one. */
const redactUrl = (text: string): string => text.replace(/^([a-z+]+:\/\/)([^/?#\s]*)@/i, "$1***@");

const redact = (value: unknown, path: string, mask: Mask): unknown => {
  if (Array.isArray(value)) return value.map((item, index) => redact(item, `${path}.${index}`, mask));
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, redact(item, path ? `${path}.${key}` : key, mask)]));
  }
  if (typeof value !== "string") return value;
  return isSecretPath(path) ? "***" : mask(redactUrl(value));
};

/** The configuration in force, without its secrets. */
export const redactConfig = (config: Config): Config => redact(config, "", maskOf(config)) as Config;

export const printConfig = (config: Config): string => stringify(redactConfig(config));

interface JsonSchema {
  readonly description?: string;
  /** The default in words, where each process computes its own. */
  readonly computedDefault?: string;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
}

export const configJsonSchema = (schema: ConfigSchema): JsonSchema => z.toJSONSchema(schema, { io: "input" }) as JsonSchema;

const comment = (node: Node | null, schema: JsonSchema | undefined): void => {
  if (!isMap(node)) return;
  for (const pair of node.items as Pair<Scalar<string>, Node>[]) {
    const inner = schema?.properties?.[pair.key.value];
    if (inner?.description) pair.key.commentBefore = ` ${inner.description}`;
    comment(pair.value, inner);
  }
};

/** Comments out the keys whose default each process computes, so that a copy of the file does not give all processes one value. */
const withoutComputed = (text: string, { properties = {} }: JsonSchema): string =>
  Object.entries(properties).reduce(
    (rest, [name, { computedDefault }]) =>
      computedDefault === undefined ? rest : rest.replace(new RegExp(`^${name}: .*$`, "m"), `# ${name}: ${computedDefault}`),
    text,
  );

/** Every key with its default and a comment that documents it: the content of config/default.yaml. */
export const documentDefaults = (schema: ConfigSchema): string => {
  const keys = configJsonSchema(schema);
  const document = new Document(schema.parse({}));
  document.commentBefore =
    " Every key with its default. Copy the keys that you change into your own file, and set CARILLON_CONFIG to its path.\n" +
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the file's own notation
    " Durations are in milliseconds. Secrets are given as ${env:NAME} or ${file:PATH}.\n" +
    " docs/reference.md also has the keys of the entries of lists and maps, and of values that are null here.";
  comment(document.contents as Node, keys);
  return withoutComputed(document.toString({ lineWidth: 0 }), keys);
};
