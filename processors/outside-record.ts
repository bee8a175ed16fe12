import { drive } from "../engine/ask.js";
import type { Outlet, Writer } from "../engine/outlet.js";
import type { TopicFamily } from "../engine/topic-family.js";
import type { Claims } from "../stores/claims/claims.js";
import type { Clock } from "../stores/clock.js";
import type { OutgoingRecord } from "../stores/event-log/event-log.js";
import { type Conclusion, type ConclusionPorts, conclude } from "./conclude.js";
import { lineageOf, type Step, type Subject } from "./lineage-of.js";

/** The outlets for the records that end a message. */
export type ConclusionOutlets = { readonly [Port in keyof ConclusionPorts]: Outlet<ConclusionPorts[Port]> };

export const conclusionOutlets = (
  writer: Writer,
  { lineage, feedback, fallbacks }: { readonly [Port in keyof ConclusionPorts]: TopicFamily<ConclusionPorts[Port]> },
): ConclusionOutlets => ({ lineage: writer.to(lineage), feedback: writer.to(feedback), fallbacks: writer.to(fallbacks) });

export interface OutsideDependencies {
  readonly instance: string;
  readonly clock: Pick<Clock, "now">;
  readonly claims: Pick<Claims, "decideAll">;
  readonly outlets: ConclusionOutlets;
}

/** Gathers the records of steps and ends outside the stages. The caller appends them together. */
export interface OutsideRecord {
  readonly records: readonly OutgoingRecord[];
  step(subject: Pick<Subject, "messageId" | "tenant" | "channel" | "lane">, step: Step): void;
  /** Ends a message, as `conclude` does in a stage. */
  conclude(conclusion: Conclusion, keepMs: number): Promise<boolean>;
}

/** The only place that ends messages outside a stage: for dead letters, erasure and the sweep. */
export const recordOutside = ({ instance, clock, claims, outlets }: OutsideDependencies): OutsideRecord => {
  const records: OutgoingRecord[] = [];
  const emit = <Port extends keyof ConclusionPorts>(port: Port, value: ConclusionPorts[Port]): void => {
    records.push(outlets[port].record(value));
  };
  const context = { instance, now: clock.now, emit };
  return {
    records,
    step: (subject, step) => emit("lineage", lineageOf(context, subject, step)),
    conclude: (conclusion, keepMs) => drive(conclude(context, claims, keepMs, conclusion)),
  };
};
