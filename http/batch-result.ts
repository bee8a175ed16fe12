import type { Finding } from "../channels/finding.js";

type Named = Pick<Finding, "field" | "problem" | "fix">;

/** What became of one message of a batch, as JSON: a type alone, shared by server and command line. */
export type BatchResult = { readonly id: string; readonly warnings?: readonly Named[] } | { readonly errors: readonly Named[] };

/** Most messages of one batch. */
export const mostInBatch = 500;
