import type { MessageDocument, PositionedEvent } from "../lineage-store.js";
import { groupOf } from "../measures.js";
import { type Counted, incrementsOf, type PositionedIncrement } from "../rollup.js";

/**
 * How a document was created: by a batch with these of its events, before they were counted. The last of their log records represents all
 * of them in the counts.
 */
export interface Birth {
  readonly partition: number;
  readonly offset: number;
  /** The document as created, if it changed before its creation was known to be counted. Otherwise the document itself applies. */
  readonly as?: Counted;
}

/** A message as stored in MongoDB. */
export interface StoredMessage extends MessageDocument {
  readonly born?: Birth | undefined;
}

const countedPartOf = (document: MessageDocument): Counted => {
  const { status, reason, attempts, engagement, costs, acceptedAt, notBefore, sentAt, finalAt } = document;
  return { ...groupOf(document), status, reason, attempts, engagement, costs, acceptedAt, notBefore, sentAt, finalAt };
};

/** A new document with the record that represents its creation: the message's last record in the batch. */
export const asBorn = (document: MessageDocument, events: readonly PositionedEvent[]): StoredMessage => {
  const { partition = 0, offset = 0 } = events.at(-1) ?? {};
  return { ...document, born: { partition, offset } };
};

/** The increments of the document's creation, if the record that represents it is among these. */
export const countsOfBirth = ({ born, ...document }: StoredMessage, events: readonly PositionedEvent[]): PositionedIncrement[] => {
  if (!born || !events.some(({ partition, offset }) => partition === born.partition && offset === born.offset)) return [];
  const { partition, offset } = born;
  return incrementsOf(undefined, born.as ?? document).map((increment) => ({ ...increment, partition, offset }));
};

/** The changed document. Drops `born` once the creation must be counted: with this batch, or with an earlier batch of its partition. */
export const asChanged = (stored: StoredMessage, document: MessageDocument, events: readonly PositionedEvent[]): StoredMessage => {
  const { born } = stored;
  const isCounted = !born || events.some(({ partition, offset }) => partition === born.partition && offset >= born.offset);
  return { ...document, born: isCounted ? undefined : { ...born, as: born.as ?? countedPartOf(stored) } };
};
