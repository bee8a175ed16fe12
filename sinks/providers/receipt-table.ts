import type { Receipt } from "../../processors/receipt.js";
import { entryOf } from "../../schemas/entry-of.js";

/** The meaning of a provider's states of an attempt. */
export interface ReceiptTable {
  /** Where the states are documented. */
  readonly source: string;
  readonly meanings: Readonly<Record<string, StateMeaning>>;
}

export type StateMeaning = Pick<Receipt, "event" | "reason">;

/** The meaning of a state, case-insensitive; undefined if the table does not contain it. */
export const meaningOfState = ({ meanings }: ReceiptTable, word: string): StateMeaning | undefined => {
  const text = word.trim();
  return entryOf(meanings, text) ?? entryOf(meanings, text.toUpperCase()) ?? entryOf(meanings, text.toLowerCase());
};

/** Converts a state to a receipt. An unknown state decides nothing: it is kept as detail, logged and counted. */
export const receiptOfWord = (table: ReceiptTable, word: string, rest: Omit<Receipt, "event" | "reason">): Receipt => {
  const known = meaningOfState(table, word);
  return known
    ? { ...known, ...rest }
    : {
        event: "accepted",
        ...rest,
        detail: `${word}: ${rest.detail ?? "not a documented state"}`,
        discriminator: word,
        unknownState: word,
      };
};
