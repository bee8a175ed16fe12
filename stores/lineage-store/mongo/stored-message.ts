import type { MessageDocument, PositionedEvent } from "../lineage-store.js";
import { groupOf } from "../measures.js";
import { type Counted, incrementsOf, type PositionedIncrement } from "../rollup.js";

/**
 * How a document was created: by a batch that held these of its events, before they were counted. The last of their records in the log
 * stands for all of them in the counts.
 */
export interface Birth {
  readonly partition: number;
  readonly offset: number;
  /** What was created, where it was changed before it was known to be counted; else it is the document itself. */
  readonly as?: Counted;
}

/** A message as MongoDB holds it. */
export interface StoredMessage extends MessageDocument {
  readonly born?: Birth | undefined;
}

const countedPartOf = (document: MessageDocument): Counted => {
  const { status, reason, attempts, engagement, costs, acceptedAt, notBefore, sentAt, finalAt } = document;
  return { ...groupOf(document), status, reason, attempts, engagement, costs, acceptedAt, notBefore, sentAt, finalAt };
};

/** A new document, and the record that stands for it: the last that the batch holds of the message. */
export const asBorn = (document: MessageDocument, events: readonly PositionedEvent[]): StoredMessage => {
  const { partition = 0, offset = 0 } = events.at(-1) ?? {};
  return { ...document, born: { partition, offset } };
};

/** What its creation adds to the counts, where the record that stands for it is among these. */
export const countsOfBirth = ({ born, ...document }: StoredMessage, events: readonly PositionedEvent[]): PositionedIncrement[] => {
  if (!born || !events.some(({ partition, offset }) => partition === born.partition && offset === born.offset)) return [];
  const { partition, offset } = born;
  return incrementsOf(undefined, born.as ?? document).map((increment) => ({ ...increment, partition, offset }));
};

/**
 * The document changed. How it was created is forgotten once it must be counted: with this batch, or with an earlier one of its partition.
 */
export const asChanged = (stored: StoredMessage, document: MessageDocument, events: readonly PositionedEvent[]): StoredMessage => {
  const { born } = stored;
  const isCounted = !born || events.some(({ partition, offset }) => partition === born.partition && offset >= born.offset);
  return { ...document, born: isCounted ? undefined : { ...born, as: born.as ?? countedPartOf(stored) } };
};
