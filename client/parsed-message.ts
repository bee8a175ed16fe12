import type { Content } from "../schemas/generated.js";
import type { Variable } from "./variables.js";

/** A parsed message. Absent fields are null, {} or []. */
export interface ParsedMessage {
  readonly channel: string;
  readonly to: string;
  readonly lane: string | null;
  readonly content: Content;
  readonly template: string | null;
  readonly variables: Readonly<Record<string, Variable>>;
  readonly tenant: string | null;
  readonly from: string | null;
  readonly idempotencyKey: string | null;
  /** Milliseconds since 1970 UTC. */
  readonly notBefore: number | null;
  /** Milliseconds since 1970 UTC. */
  readonly expiresAt: number | null;
  readonly metadata: Readonly<Record<string, string>>;
}
