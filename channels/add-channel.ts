import type { z } from "zod";
import { CarillonError } from "../schemas/errors.js";
import * as records from "../schemas/generated.js";
import type { ChannelDefinition } from "./channel-definition.js";
import { channelNameProblem } from "./channel-name.js";
import { channelDefinitions } from "./generated.js";

const list = { isRead: false };

/** Called by a module that makes something of the list of channels while it is loaded: from then on the list cannot grow. */
export const closeChannels = (): void => {
  list.isRead = true;
};

const isEnumOfChannels = (schema: object): schema is { readonly symbols: string[] } =>
  "type" in schema && schema.type === "enum" && "name" in schema && schema.name === "Channel";

const addSymbol = (schema: unknown, symbol: string): void => {
  if (typeof schema !== "object" || schema === null) return;
  if (isEnumOfChannels(schema)) schema.symbols.push(symbol);
  else for (const part of Object.values(schema)) addSymbol(part, symbol);
};

const refusal = (name: string): { readonly problem: string; readonly fix: string } | undefined => {
  const nameProblem = channelNameProblem(name);
  if (nameProblem !== undefined) return { problem: `${name} cannot be the name of a channel`, fix: nameProblem };
  if (name in channelDefinitions) return { problem: `there is a channel ${name} already`, fix: "choose another name" };
  if (list.isRead) return { problem: `the channel ${name} comes too late`, fix: "add channels before carillon itself is imported" };
  return undefined;
};

/**
 * Adds a channel of your own to this process, before anything else of Carillon is loaded: records, configuration and HTTP routes are made from the
 * list of channels then. Every process that reads its records has to add it. Throws TOPOLOGY_INVALID.
 */
export const addChannel = <Limits extends z.ZodRawShape, Options extends z.ZodRawShape>(
  name: string,
  definition: ChannelDefinition<Limits, Options>,
): void => {
  const refused = refusal(name);
  if (refused) throw new CarillonError("TOPOLOGY_INVALID", refused.problem, { fix: refused.fix });
  // both are constant for the compiler alone, so that channels that come with Carillon are known by name
  (records.ChannelSymbols as unknown as string[]).push(name);
  (channelDefinitions as unknown as Record<string, unknown>)[name] = definition;
  for (const [key, schema] of Object.entries(records)) if (key.endsWith("Schema")) addSymbol(schema, name);
};
