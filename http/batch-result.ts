import type { Finding } from "../channels/finding.js";

type Named = Pick<Finding, "field" | "problem" | "fix">;

/** The result of one message of a batch, as JSON: only a type, shared by server and command line. */
export type BatchResult = { readonly id: string; readonly warnings?: readonly Named[] } | { readonly errors: readonly Named[] };

/** Most messages in one batch. */
export const mostInBatch = 1_000;
