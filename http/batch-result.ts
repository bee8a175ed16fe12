import type { Finding } from "../channels/finding.js";

type Named = Pick<Finding, "field" | "problem" | "fix">;

/** The result of one message of a batch, as JSON: only a type, shared by server and command line. */
export type BatchResult = SentResult | { readonly errors: readonly Named[] };

/** An accepted message. `messages`: those to the addresses of a user. */
export interface SentResult {
  readonly id: string;
  readonly messages?: readonly { readonly id: string; readonly channel: string; readonly step?: number | undefined }[];
  readonly warnings?: readonly Named[];
}

/** Most messages in one batch. */
export const mostInBatch = 1_000;
