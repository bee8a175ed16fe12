import type { Receipt } from "../../processors/receipt.js";
import { entryOf } from "../../schemas/entry-of.js";

/** What a provider's words for the state of an attempt mean. */
export interface ReceiptTable {
  /** Where they are documented. */
  readonly source: string;
  readonly meanings: Readonly<Record<string, StateMeaning>>;
}

export type StateMeaning = Pick<Receipt, "event" | "reason">;

/** What a word means, whatever its case; undefined where the table does not have it. */
export const meaningOfState = ({ meanings }: ReceiptTable, word: string): StateMeaning | undefined => {
  const text = word.trim();
  return entryOf(meanings, text) ?? entryOf(meanings, text.toUpperCase()) ?? entryOf(meanings, text.toLowerCase());
};

/** A receipt of a state. An unknown word decides nothing: it is kept as detail, logged and counted. */
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
