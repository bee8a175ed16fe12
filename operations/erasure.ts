import { checkRecipient } from "../channels/recipients.js";
import type { Config } from "../config/schema.js";
import { leaseMarginMs, unsentRecord } from "../processors/attempt-claim.js";
import type { Conclusion } from "../processors/conclude.js";
import { conclusionOutlets, tellOutside } from "../processors/outside-telling.js";
import { CarillonError } from "../schemas/errors.js";
import { noContent } from "../schemas/no-content.js";
import { channels } from "../schemas/vocabulary.js";
import { knownOf } from "../sources/known-message.js";
import type { Clock } from "../stores/clock.js";
import type { OutgoingRecord } from "../stores/event-log/event-log.js";
import { keys, messageTimers } from "../stores/keys.js";
import { type MessageCollection, type MessageDocument, messageCollections } from "../stores/lineage-store/lineage-store.js";
import { isPrivate, withoutPrivateParts } from "../stores/lineage-store/private-parts.js";
import type { Stores } from "../stores/stores.js";
import { namesOf } from "../topology/names.js";
import type { DeadLetters, StoredDeadLetter } from "./dead-letters/dead-letters.js";
import { contentOfLetter } from "./dead-letters/delivery-letters.js";
import type { DeliveryParts } from "./delivery-parts.js";
import { measureLag, type TopicLag } from "./lag/lag.js";

export interface ErasureRequest {
  /** As messages name it, or in any spelling of its normal form. */
  readonly to: string;
  /** All tenants unless given. */
  readonly tenant?: string | undefined;
  /** How long to wait for what is on its way from the log to the lineage, in milliseconds. */
  readonly waitMs: number;
  readonly onProgress?: (messages: number) => void;
}

/** What was erased. */
export interface Erasure {
  readonly messages: number;
  /** Of these, how many had not ended: they are cancelled. */
  readonly cancelled: number;
  readonly deadLetters: number;
  /** Whether everything that was accepted before the erasure began was seen. */
  readonly complete: boolean;
}

const pageSize = 500;
const everyMs = 250;
/** Pages that other writers changed before they could be replaced, one after the other. */
const mostInVain = 40;
const mostLetters = 100_000;
const why = "its recipient was erased";

/** The spellings under which a recipient may be stored. */
export const spellingsOf = (to: string): string[] => [
  ...new Set([
    to,
    ...channels.flatMap((channel) => {
      const check = checkRecipient(channel, to);
      return "to" in check ? [check.to] : [];
    }),
  ]),
];

interface Tools {
  readonly config: Config;
  readonly stores: Stores;
  readonly assembly: DeliveryParts;
  readonly letters: DeadLetters;
  readonly clock: Clock;
}

/** Ends a message that has not ended. From now on no attempt is begun: a first one finds its claim taken, later ones the end. */
const cancel = async (document: MessageDocument, { config, stores, assembly, clock }: Tools): Promise<readonly OutgoingRecord[]> => {
  const { _id: messageId, tenant, channel, lane, attempts, provider } = document;
  const { sendTimeoutMs } = config.delivery;
  // a message that is not due yet may come out of a queue or a backup of timers as late as its expiry
  const untilMs = Math.max(document.expiresAt?.getTime() ?? 0, document.notBefore?.getTime() ?? 0);
  const keepMs = Math.max(untilMs - clock.now(), 0) + config.delivery.keepMs;
  const outlets = conclusionOutlets(assembly.writers("erase"), assembly.families);
  const telling = tellOutside({ instance: config.instance, clock, claims: stores.claims, outlets });
  const end: Conclusion = {
    subject: { messageId, tenant, channel, lane, idempotencyKey: null, metadata: {} },
    stage: "erase",
    status: "cancelled",
    reason: "recipient_erased",
    attempt: attempts,
    provider,
    responseId: null,
    cause: "erased",
  };
  await telling.conclude(end, keepMs);
  const first = keys.claims.attempt({ messageId, attempt: 1 });
  const claim = await stores.claims.claim(first, config.instance, sendTimeoutMs + leaseMarginMs, keepMs);
  // also where a worker ended in the middle of it: what came of that is unknown, and is not to be made again
  if (claim.state === "won" || claim.state === "taken_over") await stores.claims.complete(first, unsentRecord("superseded"), keepMs);
  return telling.records;
};

/** What is kept of a message in flight: it still tells receipts whose they are, and nothing more. */
const redactCached = async (messageId: string, { config, stores, assembly }: Tools): Promise<void> => {
  const cached = await stores.cache.get(messageId);
  if (!cached) return;
  const codec = assembly.codecs.of(assembly.families.dispatch);
  const command = await codec.decode(cached);
  const nobody = { ...command, to: "erased", content: noContent, metadata: {}, idempotencyKey: null };
  await stores.cache.put(messageId, codec.encode(nobody), config.delivery.keepMs);
};

interface Found {
  readonly ids: Map<string, MessageCollection>;
  cancelled: number;
}

const eraseDocuments = async (documents: readonly MessageDocument[], tools: Tools): Promise<{ cancelled: number; replaced: number }> => {
  const { stores, assembly } = tools;
  const open = documents.filter(({ final }) => !final);
  const told = await Promise.all(open.map((document) => cancel(document, tools)));
  // timers and cache hold what would be sent; once they are rid of it, the documents can be
  await stores.timers.cancel(documents.flatMap(({ _id, attempts }) => messageTimers(_id, attempts)));
  await Promise.all(documents.map(({ _id }) => redactCached(_id, tools)));
  await assembly.writers("erase").append(told.flat());
  return { cancelled: open.length, replaced: await stores.lineage.replace(documents.map(withoutPrivateParts)) };
};

/** Erases a page of documents; resolves how many it could replace. */
const erasePage = async (page: readonly MessageDocument[], collection: MessageCollection, found: Found, tools: Tools): Promise<number> => {
  const fresh = page.filter(({ _id }) => !found.ids.has(_id));
  const again = page.filter(({ _id }) => found.ids.has(_id));
  const { cancelled, replaced } = await eraseDocuments(fresh, tools);
  found.cancelled += cancelled;
  for (const { _id } of fresh) found.ids.set(_id, collection);
  return replaced + (await tools.stores.lineage.replace(again.map(withoutPrivateParts)));
};

/** Erases all documents that name the recipient; one that is written meanwhile is found again. */
const eraseFound = async (spellings: readonly string[], request: ErasureRequest, found: Found, tools: Tools): Promise<void> => {
  const filter = { to: { $in: spellings }, ...(request.tenant === undefined ? {} : { tenant: request.tenant }) };
  const pageOf = (collection: MessageCollection) => tools.stores.lineage.query(collection, filter, { sort: { _id: 1 }, limit: pageSize });
  for (const collection of messageCollections) {
    let inVain = 0;
    for (let page = await pageOf(collection); page.length > 0; page = await pageOf(collection)) {
      inVain = (await erasePage(page, collection, found, tools)) > 0 ? 0 : inVain + 1;
      request.onProgress?.(found.ids.size);
      if (inVain > mostInVain)
        throw new CarillonError("BUSY", "other writers change the same messages again and again", { fix: "do it again" });
      if (inVain > 0) await tools.clock.sleep(everyMs);
    }
  }
};

/** What came to documents after they were erased: steps that were on their way. */
const eraseLateSteps = async ({ ids }: Found, { stores }: Tools): Promise<void> => {
  for (const collection of messageCollections) {
    const own = [...ids].filter(([, where]) => where === collection).map(([id]) => id);
    for (let from = 0; from < own.length; from += pageSize) {
      const page = await stores.lineage.query(collection, { _id: { $in: own.slice(from, from + pageSize) } }, { limit: pageSize });
      await stores.lineage.replace(page.filter(isPrivate).map(withoutPrivateParts));
    }
  }
};

type Ends = ReadonlyMap<string, number>;

const nameOf = (lag: TopicLag, partition: number): string => `${lag.group}/${lag.topic}/${partition}`;

const endsOf = (lags: readonly TopicLag[]): Ends =>
  new Map(lags.flatMap((lag) => lag.partitions.map(({ partition, end }) => [nameOf(lag, partition), end] as const)));

const isBeyond = (lags: readonly TopicLag[], ends: Ends): boolean =>
  lags.every((lag) => lag.partitions.every(({ partition, committed }) => committed >= (ends.get(nameOf(lag, partition)) ?? 0)));

/** Resolves true once everything that the log held at the call, and what came of it, has reached the lineage; false past the deadline. */
const untilSeen = async ({ config, stores, assembly, clock }: Tools, deadlineMs: number): Promise<boolean> => {
  const measure = (): Promise<readonly TopicLag[]> => measureLag(assembly.graphs, config, stores.log);
  // a request becomes a step of lineage in one hop, a command that it leads to in two
  for (let hop = 0; hop < 3; hop += 1) {
    const ends = endsOf(await measure());
    while (!isBeyond(await measure(), ends)) {
      if (clock.now() > deadlineMs) return false;
      await clock.sleep(everyMs);
    }
  }
  return true;
};

const eraseLetters = async (spellings: readonly string[], request: ErasureRequest, found: Found, tools: Tools): Promise<number> => {
  const { letters, assembly, config } = tools;
  const { topicOf } = namesOf(config);
  const concerns = async ({ letter }: StoredDeadLetter): Promise<boolean> => {
    const content = (await contentOfLetter(letter, assembly, topicOf)) as { readonly to?: unknown; readonly tenant?: unknown } | undefined;
    const id = knownOf(content)?.messageId;
    if (id !== undefined && found.ids.has(id)) return true;
    // of what cannot be read its bytes are looked at, whoever's it is
    if (content === undefined) return spellings.some((spelling) => letter.value?.includes(spelling) || letter.key?.includes(spelling));
    return spellings.includes(String(content.to)) && (request.tenant === undefined || content.tenant === request.tenant);
  };
  const waiting = await letters.list({ state: "waits" }, mostLetters);
  const chosen = await Promise.all(waiting.map(concerns));
  return letters.discard(
    waiting.filter((_, index) => chosen[index]),
    why,
  );
};

/**
 * Erases a recipient: from lineage, timers and message cache; what has not ended is cancelled, and dead letters that name it
 * are given up. What is counted stays. The log forgets by itself, after its retention.
 */
export const eraseRecipient = async (tools: Tools, request: ErasureRequest): Promise<Erasure> => {
  const spellings = spellingsOf(request.to);
  const found: Found = { ids: new Map(), cancelled: 0 };
  const deadlineMs = tools.clock.now() + request.waitMs;
  await eraseFound(spellings, request, found, tools);
  const complete = await untilSeen(tools, deadlineMs);
  await eraseFound(spellings, request, found, tools);
  await eraseLateSteps(found, tools);
  const deadLetters = await eraseLetters(spellings, request, found, tools);
  return { messages: found.ids.size, cancelled: found.cancelled, deadLetters, complete };
};

/** How many messages name the recipient now. */
export const countRecipient = async (
  { lineage }: Pick<Stores, "lineage">,
  { to, tenant }: Pick<ErasureRequest, "to" | "tenant">,
): Promise<number> => {
  const filter = { to: { $in: spellingsOf(to) }, ...(tenant === undefined ? {} : { tenant }) };
  const counts = await Promise.all(messageCollections.map((collection) => lineage.count(collection, filter)));
  return counts.reduce((sum, count) => sum + count, 0);
};
