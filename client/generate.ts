import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { channelDefinitions } from "../channels/generated.js";
import { messageGiven } from "./message-input.js";
import { userMessageGiven } from "./user-message-input.js";

/** Writes generated.ts in this folder: the types of a message and of the channels' limits, written out. `npm run generate`. */

interface JsonSchema {
  readonly type?: string;
  readonly description?: string;
  readonly enum?: readonly string[];
  /** The type, where the schema cannot say it. */
  readonly typed?: string;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly items?: JsonSchema;
  readonly additionalProperties?: JsonSchema | boolean;
}

const primitives: Readonly<Record<string, string>> = { string: "string", number: "number", integer: "number", boolean: "boolean" };

/** `attachments` as `AttachmentInput`, `content` as `ContentInput`. */
const interfaceName = (field: string): string => `${field.charAt(0).toUpperCase()}${field.slice(1).replace(/s$/, "")}Input`;

/** Writes the type of a field; interfaces that it needs go to `declared`, the innermost first. */
const typeOf = (field: string, schema: JsonSchema, declared: string[]): string => {
  if (schema.typed !== undefined) return schema.typed;
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(" | ");
  if (schema.type === "array" && schema.items) {
    const item = typeOf(field, schema.items, declared);
    return item.includes(" ") ? `(${item})[]` : `${item}[]`;
  }
  if (schema.properties) {
    const name = interfaceName(field);
    declareInterface(name, schema, declared);
    return name;
  }
  if (typeof schema.additionalProperties === "object") return `Record<string, ${typeOf(field, schema.additionalProperties, declared)}>`;
  const primitive = primitives[schema.type ?? ""];
  if (primitive === undefined) throw new Error(`${field}: no type is known for ${JSON.stringify(schema)}: give it one by .meta({ typed })`);
  return primitive;
};

const fieldOf = (name: string, schema: JsonSchema, required: boolean, declared: string[]): string => {
  const doc =
    schema.description === undefined ? "" : `  /** ${schema.description.charAt(0).toUpperCase()}${schema.description.slice(1)}. */\n`;
  const type = typeOf(name, schema, declared);
  return `${doc}  readonly ${name}${required ? "" : "?"}: ${type}${required ? "" : " | undefined"};\n`;
};

const declareInterface = (name: string, { description, properties = {}, required = [] }: JsonSchema, declared: string[]): void => {
  const fields = Object.entries(properties).map(([field, schema]) => fieldOf(field, schema, required.includes(field), declared));
  const doc = description === undefined ? "" : `/** ${description.charAt(0).toUpperCase()}${description.slice(1)}. */\n`;
  declared.push(`${doc}export interface ${name} {\n${fields.join("")}}\n`);
};

const schemaOf = (schema: z.ZodType, io: "input" | "output"): JsonSchema =>
  z.toJSONSchema(schema, { io, unrepresentable: "any" }) as JsonSchema;

const definitions = Object.values(channelDefinitions);

/** The channels' own keys: those under `limits` are always there. */
const channelLimits = (): JsonSchema => {
  const limits = schemaOf(z.object(Object.assign({}, ...definitions.map((one) => one.limits)) as z.ZodRawShape), "output");
  const options = schemaOf(z.object(Object.assign({}, ...definitions.map((one) => one.options)) as z.ZodRawShape), "output");
  return { properties: { ...limits.properties, ...options.properties }, required: Object.keys(limits.properties ?? {}) };
};

/** A message to a user. It shares the types of the fields that a message to an address has too. */
const declareUserMessage = (declared: string[]): void => {
  const own: string[] = [];
  const schema = schemaOf(userMessageGiven, "input");
  declareInterface("UserMessageInput", { ...schema, description: "what a sender writes to a user; what is absent is left out" }, own);
  declared.push(...own.filter((text) => !declared.includes(text)));
};

/** The TypeScript of all of them. */
export const generateInputs = (): string => {
  const declared: string[] = [];
  const message = schemaOf(messageGiven, "input");
  declareInterface("MessageInput", { ...message, description: "what a sender writes; what is absent is left out" }, declared);
  declareUserMessage(declared);
  declareInterface("ChannelLimits", { ...channelLimits(), description: "the channels' own limits and options" }, declared);
  const head = "// Generated from the schema of a message by `npm run generate`. Do not edit.";
  return `${head}\n\nimport type { Variable } from "./variables.js";\n\n${declared.join("\n")}`;
};

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const path = fileURLToPath(new URL("generated.ts", import.meta.url));
  const text = generateInputs();
  // a newer file would have everything built again
  if (!existsSync(path) || readFileSync(path, "utf8") !== text) writeFileSync(path, text);
}
