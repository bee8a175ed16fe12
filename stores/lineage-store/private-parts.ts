import type { LineageEntry, MessageDocument } from "./lineage-store.js";

/** Details without personal data: they are counted or read by machines. All others may identify a recipient. */
const openDetails: ReadonlySet<string> = new Set([
  "template",
  "country",
  "region",
  "notBefore",
  "recipientId",
  "step",
  "sentBecause",
  "tookMs",
  "cost",
  "currency",
  "costMode",
  "parts",
  "expiresAt",
  "event",
  "feedback",
  "ignored",
  "final",
  "dueAt",
  "nextAttempt",
  "movedTo",
  "providerMessageId",
  "reportedAt",
  "segments",
  "charactersReplaced",
  "note",
  "not",
]);

export const isOpenDetail = (name: string): boolean => openDetails.has(name);

const entryWithout = (entry: LineageEntry): LineageEntry => ({
  ...entry,
  details: Object.fromEntries(Object.entries(entry.details).filter(([name]) => isOpenDetail(name))),
});

/** Whether a document contains anything that may identify its recipient. */
export const isPrivate = ({ to, user = null, lineage }: MessageDocument): boolean =>
  to !== null || user !== null || lineage.some(({ details }) => Object.keys(details).some((name) => !isOpenDetail(name)));

/** The document without its recipient and without details that may identify one. All counted fields stay. */
export const withoutPrivateParts = (document: MessageDocument): MessageDocument => ({
  ...document,
  to: null,
  ...(document.user === undefined ? {} : { user: null }),
  lineage: document.lineage.map(entryWithout),
});
