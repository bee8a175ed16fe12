import type { Codec } from "../../schemas/codec.js";
import type { LogRecord, OutgoingRecord } from "../../stores/event-log/event-log.js";
import type { Wire } from "../builder.js";
import type { Queue } from "../queue.js";
import type { Stage } from "../stage.js";
import type { AnyFamily } from "../topic-family.js";
import type { Effects } from "./effects.js";
import type { TraceInHand } from "./record-trace.js";

// biome-ignore lint/suspicious/noExplicitAny: stages of all types, whose fit was checked where they were wired
type AnyStage = Stage<any, any, any>;

/** A stage with the targets of its ports. */
export interface WiredStage {
  readonly stage: AnyStage;
  readonly wires: ReadonlyMap<string, Wire>;
}

/** A record that has passed its stages, or failed in one. */
export interface EndedRun {
  /** Of the record in its batch. */
  readonly index: number;
  readonly source: LogRecord;
  /** The last one that had the record. */
  readonly stage: string;
  /** The decoded value; undefined if decoding failed. */
  readonly value: unknown;
  readonly trace: TraceInHand;
  /** By the clock's elapsed time. */
  readonly beganMs: number;
  readonly effects: Effects;
}

/** The part that all records of a queue share. */
export interface Way {
  readonly queue: Pick<Queue, "lane" | "channel">;
  readonly codec: Codec<unknown>;
  readonly stages: readonly WiredStage[];
  readonly instance: string;
  /** Milliseconds since 1970 UTC. */
  readonly now: () => number;
  /** Milliseconds, for measuring how long stages take. */
  elapsed(): number;
  /** Encodes a value as a record for its family's topic. */
  outgoing(family: AnyFamily, value: unknown): OutgoingRecord & { readonly key: string; readonly value: Buffer };
  /** Called when a stage has finished with the record. */
  passed(stage: string, tookMs: number): void;
  ended(run: EndedRun): void;
  /** Called when a record fails before all stages are done. The run may still wait for its answers. */
  failed(run: EndedRun, thrown: unknown): void;
}
