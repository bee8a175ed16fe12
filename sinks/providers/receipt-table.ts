import type { Report } from "../../processors/provider.js";

/** What a provider's words for the state of an attempt mean. */
export interface ReceiptTable {
  /** Where they are documented. */
  readonly source: string;
  readonly meanings: Readonly<Record<string, Pick<Report, "event" | "reason">>>;
}

/** What a word means, in whatever letters it comes; a word that nobody knows decides nothing and is kept as detail. */
export const reportOf = ({ meanings }: ReceiptTable, word: string, rest: Omit<Report, "event" | "reason">): Report => {
  const known = meanings[word] ?? meanings[word.toUpperCase()] ?? meanings[word.toLowerCase()];
  return known
    ? { ...known, ...rest }
    : { event: "accepted", ...rest, detail: `${word}: ${rest.detail ?? "not a documented state"}`, discriminator: word };
};
