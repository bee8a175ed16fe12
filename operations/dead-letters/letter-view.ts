import type { DeadLetter } from "../../schemas/generated.js";
import type { StoredDeadLetter } from "./letter-pages.js";

/** A dead letter as plain data: bytes in base64. */
export interface LetterView extends Omit<DeadLetter, "key" | "value" | "headers" | "at"> {
  readonly key: string | null;
  readonly value: string | null;
  readonly headers: Readonly<Record<string, string>>;
  /** ISO 8601. */
  readonly at: string;
  readonly state: "pending" | "redriven" | "discarded";
  readonly settledAt: string | null;
  readonly reason: string | null;
}

export const letterViewOf = ({ letter, settled }: StoredDeadLetter): LetterView => ({
  ...letter,
  key: letter.key?.toString("base64") ?? null,
  value: letter.value?.toString("base64") ?? null,
  headers: Object.fromEntries(Object.entries(letter.headers).map(([name, value]) => [name, value.toString("base64")])),
  at: new Date(letter.at).toISOString(),
  state: settled?.how ?? "pending",
  settledAt: settled?.at ?? null,
  reason: settled?.reason ?? null,
});

/** The same without its bytes, for a list. */
export const withoutBytes = (view: LetterView): LetterView => ({ ...view, key: null, value: null, headers: {} });
