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

/** Every key with its default and a comment that documents it: the content of config/default.yaml. */
export const documentDefaults = (schema: ConfigSchema): string => {
  const document = new Document(schema.parse({}));
  document.commentBefore =
    " Every key with its default. Copy the keys that you change into your own file, and set CARILLON_CONFIG to its path.\n" +
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the file's own notation
    " Durations are in milliseconds. Secrets are given as ${env:NAME} or ${file:PATH}.";
  comment(document.contents as Node, configJsonSchema(schema));
  return document.toString({ lineWidth: 0 });
};
