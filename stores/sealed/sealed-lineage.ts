import { CarillonError, messageOf } from "../../schemas/errors.js";
import type { LineageStepEvent } from "../../schemas/lineage-steps.js";
import {
  type Filter,
  type LineageReader,
  type LineageStore,
  type MessageDocument,
  messageCollections,
} from "../lineage-store/lineage-store.js";
import { isOpenDetail } from "../lineage-store/private-parts.js";
import { refusedQuery } from "../lineage-store/query/refused-query.js";
import { type KeyRing, sealedPrefix } from "./key-ring.js";

const sealDetails = <Of extends { readonly details: Readonly<Record<string, string>> }>(ring: KeyRing, of: Of): Of => ({
  ...of,
  details: Object.fromEntries(Object.entries(of.details).map(([name, value]) => [name, isOpenDetail(name) ? value : ring.sealText(value)])),
});

const sealRecipient = (ring: KeyRing, document: MessageDocument): MessageDocument => ({
  ...document,
  to: document.to === null ? null : ring.sealText(document.to),
  ...(document.user ? { user: ring.sealText(document.user) } : {}),
});

/** Seals the events of one batch. The steps of a message have the same recipient, which is sealed once. */
const eventSealer = (ring: KeyRing): ((event: LineageStepEvent) => LineageStepEvent) => {
  const recipients = new Map<string, string>();
  const sealOnce = (to: string): string => {
    const sealed = recipients.get(to) ?? ring.sealText(to);
    recipients.set(to, sealed);
    return sealed;
  };
  return (event) => sealDetails(ring, { ...event, to: event.to === null ? null : sealOnce(event.to) });
};

const sealDocument = (ring: KeyRing, document: MessageDocument): MessageDocument => ({
  ...sealRecipient(ring, document),
  lineage: document.lineage.map((entry) => sealDetails(ring, entry)),
});

const isPlain = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;

/** A copy with every sealed text replaced by `open`'s result. */
const opened = (open: (text: string) => string, value: unknown): unknown => {
  if (typeof value === "string") return value.startsWith(sealedPrefix) ? open(value) : value;
  if (Array.isArray(value)) return value.map((item) => opened(open, item));
  return isPlain(value) ? Object.fromEntries(Object.entries(value).map(([key, item]) => [key, opened(open, item)])) : value;
};

/** A text that no key opens, or that only looks sealed, must not make other documents unreadable. It is returned as stored. */
const readable = (ring: KeyRing, value: unknown): unknown =>
  opened((text) => {
    try {
      return ring.openText(text);
    } catch {
      return text;
    }
  }, value);

/** The fields that name a recipient. */
const sealedFields: readonly string[] = ["to", "user"];

const refused = (what: string): CarillonError =>
  refusedQuery(
    "to",
    `recipients are encrypted and cannot be queried by ${what}`,
    "query complete recipients by equality, $eq, $ne, $in or $nin, or null",
  );

const formsOf = (ring: KeyRing, values: unknown): unknown[] => {
  if (!Array.isArray(values)) throw refused("$in without a list");
  return values.flatMap((value): readonly unknown[] => {
    if (typeof value === "string") return ring.formsOf(value);
    if (value === null) return [null];
    throw refused("a pattern");
  });
};

/** A condition on a field that names a recipient, rewritten for the stored form. */
const conditionOnRecipient = (ring: KeyRing, condition: unknown): unknown => {
  if (condition === null) return null;
  if (typeof condition === "string") return { $in: ring.formsOf(condition) };
  if (!isPlain(condition)) throw refused("a pattern");
  return Object.fromEntries(
    Object.entries(condition).map(([operator, value]) => {
      if (operator === "$eq") return ["$in", formsOf(ring, [value])];
      if (operator === "$ne") return ["$nin", formsOf(ring, [value])];
      if (operator === "$in" || operator === "$nin") return [operator, formsOf(ring, value)];
      if (operator === "$exists" || operator === "$type") return [operator, value];
      if (operator === "$not") return [operator, conditionOnRecipient(ring, isPlain(value) ? value : undefined)];
      throw refused(operator);
    }),
  );
};

/** A filter on recipients, rewritten for the stored form. Throws FILTER_REFUSED for conditions that encryption rules out. */
export const sealedFilter = (ring: KeyRing, filter: Filter): Filter =>
  Object.fromEntries(
    Object.entries(filter).map(([key, value]) => {
      if (sealedFields.includes(key)) return [key, conditionOnRecipient(ring, value)];
      if (key.startsWith("$") && Array.isArray(value)) return [key, value.map((part) => (isPlain(part) ? sealedFilter(ring, part) : part))];
      return [key, value];
    }),
  );

const sealedPipeline = (ring: KeyRing, pipeline: readonly Filter[]): Filter[] =>
  pipeline.map((stage) => (isPlain(stage.$match) ? { ...stage, $match: sealedFilter(ring, stage.$match) } : stage));

/** A reader for sealed recipients: they can be queried only by equality, and answers are decrypted. */
export const sealedReader = (reader: LineageReader, ring: KeyRing): LineageReader => ({
  query: async (collection, filter, options) =>
    readable(ring, await reader.query(collection, sealedFilter(ring, filter), options)) as Awaited<
      ReturnType<typeof reader.query<typeof collection>>
    >,
  count: (collection, filter) => reader.count(collection, sealedFilter(ring, filter)),
  aggregate: async (collection, pipeline) =>
    readable(ring, await reader.aggregate(collection, sealedPipeline(ring, pipeline))) as readonly Record<string, unknown>[],
  sum: (collection, filter, options) => reader.sum(collection, filter, options),
});

/** The decrypted document. Throws DECRYPTION_FAILED and names the document. */
const strictlyOpened = (ring: KeyRing, document: MessageDocument): MessageDocument => {
  try {
    return opened(ring.openText, document) as MessageDocument;
  } catch (error) {
    const fix = error instanceof CarillonError ? error.fix : undefined;
    throw new CarillonError("DECRYPTION_FAILED", `${document._id}: ${messageOf(error)}`, { cause: error, ...(fix ? { fix } : {}) });
  }
};

const pageSize = 500;
/** A page is read again this often when other writers change its documents meanwhile. */
const mostTries = 20;

/** Whether all private texts are sealed under the active key, or plain when sealing is off. */
const isCurrent = (ring: KeyRing, { to, user = null, lineage }: MessageDocument): boolean => {
  const fits = (text: string): boolean =>
    ring.activePrefix === undefined ? !text.startsWith(sealedPrefix) : text.startsWith(ring.activePrefix);
  return (
    (to === null || fits(to)) &&
    (user === null || fits(user)) &&
    lineage.every(({ details }) => Object.entries(details).every(([name, value]) => isOpenDetail(name) || fits(value)))
  );
};

/** Goes page by page in order of _id. New documents are already under the active key. A document that changes meanwhile is read again. */
const rewrap = async (store: LineageStore, ring: KeyRing, onProgress?: (documents: number) => void): Promise<number> => {
  let [changed, done] = [0, 0];
  for (const collection of messageCollections) {
    for (let [after, tries] = ["", 1]; ; ) {
      const page = await store.query(collection, { _id: { $gt: after } }, { sort: { _id: 1 }, limit: pageSize });
      const old = page.filter((document) => !isCurrent(ring, document));
      const replaced = await store.replace(old.map((document) => sealDocument(ring, strictlyOpened(ring, document))));
      changed += replaced;
      if (replaced < old.length && tries < mostTries) {
        tries += 1;
        continue;
      }
      if (replaced < old.length)
        throw new CarillonError("BUSY", "other writers repeatedly changed the same documents", { fix: "try again" });
      done += page.length;
      onProgress?.(done);
      const last = page.at(-1);
      if (!last || page.length < pageSize) break;
      [after, tries] = [last._id, 1];
    }
  }
  return changed;
};

/** A lineage store that seals recipients and free texts, and decrypts its answers. */
export const sealedLineage = (store: LineageStore, ring: KeyRing): LineageStore => ({
  ...store,
  ...sealedReader(store, ring),
  append: (events) => {
    const seal = eventSealer(ring);
    return store.append(events.map((positioned) => ({ ...positioned, event: seal(positioned.event) })));
  },
  replace: (documents) => store.replace(documents.map((document) => sealDocument(ring, document))),
  rewrap: (onProgress) => rewrap(store, ring, onProgress),
  find: async (id) => readable(ring, await store.find(id)) as Awaited<ReturnType<LineageStore["find"]>>,
});
