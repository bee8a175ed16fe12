/** Why a field does not accept a text, and what to give instead. */
export interface Refusal {
  readonly problem: string;
  readonly fix: string;
}

export const refuse = (problem: string, fix: string): Refusal => ({ problem, fix });

/** Whether a check ended in a refusal. */
export const isRefusal = (checked: object): checked is Refusal => "problem" in checked;
