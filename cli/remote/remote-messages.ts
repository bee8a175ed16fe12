import { z } from "zod";
import { type BatchResult, mostInBatch, type SentResult } from "../../http/batch-result.js";
import type { List } from "../../http/contract/list.js";
import type { MessageView } from "../../operations/message-view.js";
import { CarillonError } from "../../schemas/errors.js";
import type { OutboxEntry } from "../../sinks/outbox.js";
import type { Messages } from "../deployment/deployment.js";
import { unsendable } from "../unsendable.js";
import type { Connection } from "./connection.js";
import { RemoteRefusal } from "./refused.js";

const sentShape = z.looseObject({ id: z.string() });
const viewShape = z.looseObject({
  id: z.string(),
  status: z.string(),
  final: z.boolean(),
  lineage: z.array(z.looseObject({})),
  why: z.string(),
});
const foundShape = z.looseObject({ items: z.array(z.looseObject({ id: z.string() })) });
const batchShape = z.looseObject({
  results: z.array(z.union([z.looseObject({ id: z.string() }), z.looseObject({ errors: z.array(z.looseObject({})) })])),
});
const outboxShape = z.looseObject({ items: z.array(z.looseObject({ messageId: z.string(), content: z.looseObject({}) })) });

/** Less than a server's default limit, http.bodyLimitBytes. */
const mostBatchBytes = 768 * 1024;

const isTree = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The message, with this tenant if it names none. */
const withTenant = (input: unknown, tenant: string | undefined): unknown =>
  tenant === undefined || !isTree(input) || (input.tenant !== undefined && input.tenant !== null) ? input : { ...input, tenant };

/** A message as JSON. Undefined if it is nested too deeply for that. */
const textOf = (input: unknown): string | undefined => {
  try {
    return JSON.stringify(input) ?? "null";
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
};

const tooDeep: BatchResult = {
  errors: [{ field: "body", problem: "is nested too deeply", fix: "send fewer levels of lists and maps in each other" }],
};

/** Splits messages into sufficiently small requests, in order. */
const portionsOf = (texts: readonly string[]): string[][] => {
  const portions: string[][] = [[]];
  let bytes = 0;
  for (const text of texts) {
    const own = Buffer.byteLength(text) + 1;
    const portion = portions.at(-1);
    if (portion && (portion.length === 0 || (portion.length < mostInBatch && bytes + own <= mostBatchBytes))) {
      portion.push(text);
      bytes += own;
    } else {
      portions.push([text]);
      bytes = own;
    }
  }
  return portions.filter((portion) => portion.length > 0);
};

/** Whether the server refused to read a request. Such a refusal names no message, so the only one of the request is at fault. */
const isUnread = (error: unknown): error is RemoteRefusal => error instanceof RemoteRefusal && error.code === "INPUT_INVALID";

export const remoteMessages = (connection: Connection): Messages => {
  const find = async (id: string): Promise<MessageView | undefined> => {
    if (/^\.*$/.test(id)) return undefined;
    try {
      return await connection.ask<MessageView>({ path: `/v1/messages/${encodeURIComponent(id)}` }, viewShape);
    } catch (error) {
      if (error instanceof CarillonError && error.code === "NOT_FOUND") return undefined;
      throw error;
    }
  };
  const sendPortion = async (messages: readonly string[]): Promise<readonly BatchResult[]> => {
    try {
      const json = `{"messages":[${messages.join(",")}]}`;
      const { results } = await connection.ask<{ results: BatchResult[] }>(
        { method: "POST", path: "/v1/messages/batch", json },
        batchShape,
      );
      if (results.length === messages.length) return results;
      throw new CarillonError("SERVER_INCOMPATIBLE", `the server answered ${results.length} of ${messages.length} messages`);
    } catch (error) {
      if (!isUnread(error)) throw error;
      if (messages.length === 1)
        return [{ errors: error.fields.length > 0 ? error.fields : [{ field: "body", problem: error.message, fix: error.fix ?? "" }] }];
      const half = Math.ceil(messages.length / 2);
      return [...(await sendPortion(messages.slice(0, half))), ...(await sendPortion(messages.slice(half)))];
    }
  };
  return {
    send: async (input, tenant) => {
      try {
        const body = withTenant(input, tenant);
        const { id, messages, warnings = [] } = await connection.ask<SentResult>({ method: "POST", path: "/v1/messages", body }, sentShape);
        return { id, ...(messages ? { messages } : {}), warnings };
      } catch (error) {
        throw error instanceof RemoteRefusal && error.code === "INPUT_INVALID" && error.fields.length > 0
          ? unsendable(error.fields)
          : error;
      }
    },
    sendBatch: async (inputs, tenant) => {
      const texts = inputs.map((input) => textOf(withTenant(input, tenant)));
      const results: BatchResult[] = [];
      for (const portion of portionsOf(texts.filter((text) => text !== undefined))) results.push(...(await sendPortion(portion)));
      const answered = results.values();
      return texts.map((text) => (text === undefined ? tooDeep : (answered.next().value ?? tooDeep)));
    },
    find,
    latestOf: async (wanted, limit) => {
      const query = { q: wanted, limit: String(limit) };
      const { items } = await connection.ask<List<{ id: string }>>({ path: "/reports/messages", query }, foundShape);
      return (await Promise.all(items.map(({ id }) => find(id)))).flatMap((found) => found ?? []);
    },
    outbox: async (channel, limit) => {
      const question = { path: `/sandbox/outbox/${channel}`, query: { limit: String(limit) } };
      return (await connection.ask<List<OutboxEntry>>(question, outboxShape)).items;
    },
  };
};
