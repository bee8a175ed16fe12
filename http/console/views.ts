import type { ChannelForm } from "../../channels/channel-definition.js";
import type { TopologyDescription } from "../../engine/describe.js";
import type { Queue } from "../../engine/queue.js";
import type { ProviderState } from "../../operations/provider-states.js";

/** The page's data as JSON: only types, shared by both sides. */

/** A queue and its flow. */
export interface QueueView {
  readonly subTopology: string;
  /** Without the prefix. */
  readonly topic: string;
  readonly lane: string | null;
  readonly begins: Queue["begins"];
  readonly partitions: number;
  readonly consumers: number;
  readonly lag: number;
  readonly inPerSecond: number;
  readonly outPerSecond: number;
  readonly oldestMs: number | null;
}

export interface ProviderPoint {
  /** Milliseconds since 1970 UTC. */
  readonly at: number;
  readonly errorShare: number | null;
  readonly responseP50Ms: number;
  readonly responseP95Ms: number;
  readonly share: number;
}

export interface ProviderView extends ProviderState {
  /** The last fifteen minutes, as seen by this process. */
  readonly history: readonly ProviderPoint[];
}

/** The current state, sent every two seconds. */
export interface LiveView {
  readonly at: number;
  readonly queues: readonly QueueView[];
  readonly providers: readonly ProviderView[];
  /** Number of open dead letters; a plus means more. */
  readonly deadLetters: number;
}

/** The page's form for a channel's messages, and their view. */
export interface ChannelView extends ChannelForm {
  readonly name: string;
  readonly example: string;
}

/** What messages may have, and how the page shows it. */
export interface CatalogView {
  readonly timeZone: string;
  readonly channels: readonly ChannelView[];
  readonly lanes: readonly string[];
  readonly templates: readonly { readonly name: string; readonly channels: readonly string[] }[];
  readonly reasons: Readonly<Record<string, string>>;
}

/** The configuration, for operators. */
export interface AboutView extends CatalogView {
  readonly profile: string;
  readonly instance: string;
  readonly topologies: readonly TopologyDescription[];
}

export interface SessionView {
  readonly signedIn: boolean;
  readonly tenant: string | null;
  /** Whether it may see and change data of all tenants. */
  readonly operator: boolean;
  /** What it may do. */
  readonly scopes: readonly string[];
  /** Whether a key is required. */
  readonly byKey: boolean;
  /** Whether people can sign in at an OpenID provider instead. */
  readonly byOidc: boolean;
}

export interface DeadLetterView {
  readonly id: string;
  readonly at: string;
  readonly topic: string;
  readonly stage: string;
  readonly code: string;
  readonly message: string;
  readonly bytes: number;
  /** The first of the original bytes, in hexadecimal. */
  readonly head: string;
  readonly state: "pending" | "redriven" | "discarded";
  readonly settledAt: string | null;
  readonly reason: string | null;
}
