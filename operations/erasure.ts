import type { Config } from "../config/schema.js";
import { leaseMarginMs, unsentRecord } from "../processors/attempt-claim.js";
import type { Conclusion } from "../processors/conclude.js";
import { conclusionOutlets, recordOutside } from "../processors/outside-record.js";
import { CarillonError } from "../schemas/errors.js";
import { noContent } from "../schemas/no-content.js";
import { knownOf } from "../sources/known-message.js";
import type { Clock } from "../stores/clock.js";
import type { OutgoingRecord } from "../stores/event-log/event-log.js";
import { isStorableId } from "../stores/id-keys.js";
import { keys, messageTimers } from "../stores/keys.js";
import { type MessageCollection, type MessageDocument, messageCollections } from "../stores/lineage-store/lineage-store.js";
import { isPrivate, withoutPrivateParts } from "../stores/lineage-store/private-parts.js";
import type { Stores } from "../stores/stores.js";
import { namesOf } from "../topology/names.js";
import type { DeadLetters } from "./dead-letters/dead-letters.js";
import { contentOfLetter } from "./dead-letters/delivery-letters.js";
import type { StoredDeadLetter } from "./dead-letters/letter-pages.js";
import type { DeliveryParts } from "./delivery-parts.js";
import { endPlans, endPlansOf } from "./end-plans.js";
import { eraseFromUsers } from "./erase-from-users.js";
import { type ErasedRecipient, erasedRecipientOf, type RecipientQuestion } from "./erased-recipient.js";
import { measureLag, type TopicLag } from "./lag/lag.js";
import { unpostedEvents } from "./unposted-events.js";

export interface ErasureRequest extends RecipientQuestion {
  /** How long to wait for steps in transit from the log to the lineage, in milliseconds. */
  readonly waitMs: number;
  readonly onProgress?: (messages: number) => void;
}

/** The result of an erasure. */
export interface Erasure {
  readonly messages: number;
  /** The number of these that were not final: they are cancelled. */
  readonly cancelled: number;
  readonly deadLetters: number;
  /** The number of users of the directory that lost the address. */
  readonly users: number;
  /** Whether everything accepted before the erasure began was processed. */
  readonly complete: boolean;
}

const pageSize = 500;
const everyMs = 250;
/** Consecutive pages that other writers changed before they could be replaced. */
const mostInVain = 40;
const why = "the recipient was erased";

interface Tools {
  readonly config: Config;
  readonly stores: Stores;
  readonly assembly: DeliveryParts;
  readonly letters: DeadLetters;
  readonly clock: Clock;
}

/**
 * Cancels a message that is not final. From now on no attempt starts: a first one finds its claim taken, later ones find the message final.
 */
const cancel = async (document: MessageDocument, { config, stores, assembly, clock }: Tools): Promise<readonly OutgoingRecord[]> => {
  const { _id: messageId, tenant, channel, lane, attempts, provider } = document;
  const { sendTimeoutMs } = config.delivery;
  // a message that is not due yet may leave a queue, or a restored backup of timers, as late as its expiry
  const untilMs = Math.max(document.expiresAt?.getTime() ?? 0, document.notBefore?.getTime() ?? 0);
  const keepMs = Math.max(untilMs - clock.now(), 0) + config.delivery.stateRetentionMs;
  const outlets = conclusionOutlets(assembly.writers("erase"), assembly.families);
  const outside = recordOutside({ instance: config.instance, clock, claims: stores.claims, outlets });
  const end: Conclusion = {
    subject: { messageId, tenant, channel, lane, idempotencyKey: null, metadata: {} },
    stage: "erase",
    status: "cancelled",
    reason: "recipient_erased",
    attempt: attempts,
    provider,
    providerMessageId: null,
    cause: "erased",
  };
  await outside.conclude(end, keepMs);
  const first = keys.claims.attempt({ messageId, attempt: 1 });
  const claim = await stores.claims.claim(first, config.instance, sendTimeoutMs + leaseMarginMs, keepMs);
  // also if a worker ended during the attempt: its outcome is unknown, and it must not be repeated
  if (claim.state === "won" || claim.state === "taken_over") await stores.claims.complete(first, unsentRecord("superseded"), keepMs);
  return outside.records;
};

/** Redacts the cached copy of a message in flight: it still identifies the message for receipts, and contains nothing else. */
const redactCached = async (messageId: string, { config, stores, assembly }: Tools): Promise<void> => {
  const cached = await stores.cache.get(messageId);
  if (!cached) return;
  const codec = assembly.codecs.of(assembly.families.dispatch);
  const command = await codec.decode(cached);
  const nobody = { ...command, to: "erased", content: noContent, metadata: {}, idempotencyKey: null };
  await stores.cache.put(messageId, codec.encode(nobody), config.delivery.stateRetentionMs);
};

interface Found {
  readonly ids: Map<string, MessageCollection>;
  cancelled: number;
}

const eraseDocuments = async (documents: readonly MessageDocument[], tools: Tools): Promise<{ cancelled: number; replaced: number }> => {
  const { stores, assembly } = tools;
  const open = documents.filter(({ final }) => !final);
  const records = await Promise.all(open.map((document) => cancel(document, tools)));
  // timers and cache contain the content to send, so they are cleared before the documents
  await stores.timers.cancel(
    documents.flatMap((document) => [...messageTimers(document._id, document.attempts), ...unpostedEvents(document)]),
  );
  await Promise.all(documents.map(({ _id }) => redactCached(_id, tools)));
  await endPlans(documents, tools);
  await assembly.writers("erase").append(records.flat());
  return { cancelled: open.length, replaced: await stores.lineage.replace(documents.map(withoutPrivateParts)) };
};

/** Erases a page of documents. Resolves with the number that it could replace. */
const erasePage = async (page: readonly MessageDocument[], collection: MessageCollection, found: Found, tools: Tools): Promise<number> => {
  const fresh = page.filter(({ _id }) => !found.ids.has(_id));
  const again = page.filter(({ _id }) => found.ids.has(_id));
  const { cancelled, replaced } = await eraseDocuments(fresh, tools);
  found.cancelled += cancelled;
  for (const { _id } of fresh) found.ids.set(_id, collection);
  return replaced + (await tools.stores.lineage.replace(again.map(withoutPrivateParts)));
};

/** Erases all documents that name the recipient. A document that changes meanwhile is found again. */
const eraseFound = async ({ filter }: ErasedRecipient, request: ErasureRequest, found: Found, tools: Tools): Promise<void> => {
  const pageOf = (collection: MessageCollection) => tools.stores.lineage.query(collection, filter, { sort: { _id: 1 }, limit: pageSize });
  for (const collection of messageCollections) {
    let inVain = 0;
    for (let page = await pageOf(collection); page.length > 0; page = await pageOf(collection)) {
      inVain = (await erasePage(page, collection, found, tools)) > 0 ? 0 : inVain + 1;
      request.onProgress?.(found.ids.size);
      if (inVain > mostInVain)
        throw new CarillonError("BUSY", "other writers repeatedly changed the same messages", { fix: "run the command again" });
      if (inVain > 0) await tools.clock.sleep(everyMs);
    }
  }
};

/** Erases steps, and events for webhooks, that were in transit and arrived after the erasure of their documents. */
const eraseLateSteps = async ({ ids }: Found, { stores }: Tools): Promise<void> => {
  for (const collection of messageCollections) {
    const own = [...ids].filter(([, where]) => where === collection).map(([id]) => id);
    for (let from = 0; from < own.length; from += pageSize) {
      const page = await stores.lineage.query(collection, { _id: { $in: own.slice(from, from + pageSize) } }, { limit: pageSize });
      await stores.timers.cancel(page.flatMap(unpostedEvents));
      await stores.lineage.replace(page.filter(isPrivate).map(withoutPrivateParts));
    }
  }
};

/** Erases a user from entries of the audit log. */
const eraseAudit = async ({ user, tenant }: RecipientQuestion, { audit }: Pick<Stores, "audit">): Promise<void> => {
  if (user === undefined || tenant === undefined || !isStorableId("tenant", tenant)) return;
  while ((await audit.erase({ tenant, id: user })) > 0);
};

type Ends = ReadonlyMap<string, number>;

const nameOf = (lag: TopicLag, partition: number): string => `${lag.group}/${lag.topic}/${partition}`;

const endsOf = (lags: readonly TopicLag[]): Ends =>
  new Map(lags.flatMap((lag) => lag.partitions.map(({ partition, end }) => [nameOf(lag, partition), end] as const)));

const isBeyond = (lags: readonly TopicLag[], ends: Ends): boolean =>
  lags.every((lag) => lag.partitions.every(({ partition, committed }) => committed >= (ends.get(nameOf(lag, partition)) ?? 0)));

/** Resolves true once everything in the log at the time of the call, with its results, has reached the lineage; false past the deadline. */
const untilSeen = async ({ config, stores, assembly, clock }: Tools, deadlineMs: number): Promise<boolean> => {
  const measure = (): Promise<readonly TopicLag[]> => measureLag(assembly.graphs, config, stores.log);
  // a request becomes a step of lineage in one hop, and its command in two
  for (let hop = 0; hop < 3; hop += 1) {
    const ends = endsOf(await measure());
    while (!isBeyond(await measure(), ends)) {
      if (clock.now() > deadlineMs) return false;
      await clock.sleep(everyMs);
    }
  }
  return true;
};

const eraseLetters = async ({ spellings, names }: ErasedRecipient, found: Found, tools: Tools): Promise<number> => {
  const { letters, assembly, config } = tools;
  const { topicOf } = namesOf(config);
  const concerns = async ({ letter }: StoredDeadLetter): Promise<boolean> => {
    const content = (await contentOfLetter(letter, assembly, topicOf)) as Parameters<typeof names>[0] | undefined;
    const id = knownOf(content)?.messageId;
    if (id !== undefined && found.ids.has(id)) return true;
    // an unreadable letter is searched byte by byte, whichever message it belongs to
    if (content === undefined) return spellings.some((spelling) => letter.value?.includes(spelling) || letter.key?.includes(spelling));
    return names(content);
  };
  const concerned = async function* (): AsyncGenerator<readonly StoredDeadLetter[]> {
    for await (const page of letters.pages({ state: "pending" })) {
      const chosen = await Promise.all(page.map(concerns));
      yield page.filter((_, index) => chosen[index]);
    }
  };
  return letters.discard(concerned(), why);
};

/**
 * Erases a recipient from lineage, timers, message cache, the addresses of users and the audit log. Messages that are not final are cancelled, and dead
 * letters that name the recipient are discarded. Counts stay. The log deletes records after its retention.
 */
export const eraseRecipient = async (tools: Tools, request: ErasureRequest): Promise<Erasure> => {
  const recipient = erasedRecipientOf(request);
  const found: Found = { ids: new Map(), cancelled: 0 };
  const deadlineMs = tools.clock.now() + request.waitMs;
  const users = await eraseFromUsers(recipient.spellings, request.tenant, tools);
  const erase = async (): Promise<void> => {
    await eraseFound(recipient, request, found, tools);
    // later steps of other messages to these users may be for the address
    for (const user of users) await endPlansOf(user, tools);
  };
  await erase();
  const complete = await untilSeen(tools, deadlineMs);
  await erase();
  await eraseLateSteps(found, tools);
  await eraseAudit(request, tools.stores);
  const deadLetters = await eraseLetters(recipient, found, tools);
  return { messages: found.ids.size, cancelled: found.cancelled, deadLetters, users: users.length, complete };
};

/** Number of messages that currently name the recipient. */
export const countRecipient = async ({ lineage }: Pick<Stores, "lineage">, question: RecipientQuestion): Promise<number> => {
  const { filter } = erasedRecipientOf(question);
  const counts = await Promise.all(messageCollections.map((collection) => lineage.count(collection, filter)));
  return counts.reduce((sum, count) => sum + count, 0);
};
