import { setTimeout as sleep } from "node:timers/promises";
import type { DeadLetterView } from "../../http/console/views.js";
import type { MessageView } from "../../operations/message-view.js";
import { planted } from "./planted.js";
import type { Sent } from "./traffic.js";

/** A message in a worker's API. */
export type Seen = Pick<MessageView, "id" | "status" | "final"> & {
  readonly lineage: readonly Pick<MessageView["lineage"][number], "stage" | "outcome" | "status" | "attempt">[];
};

const finals: ReadonlySet<string | null> = new Set(["delivered", "failed", "expired", "suppressed", "cancelled"]);

/** The steps of a delivered message. */
const stages = ["accept", "validate", "enrich", "route", "dispatch"] as const;

/** Steps that a delivered message lacks or has too often. */
export const problemsOf = ({ channel }: Sent, seen: Seen | undefined): string[] => {
  if (!seen) return ["is not known"];
  const { status, final, lineage } = seen;
  const wanted = channel === planted.channel ? [...stages, planted.stage] : stages;
  const missing = wanted.filter((stage) => !lineage.some((step) => step.stage === stage));
  const attempts = Math.max(0, ...lineage.map(({ attempt }) => attempt));
  const unsent = Array.from({ length: attempts }, (_, index) => index + 1).filter(
    (attempt) => !lineage.some((step) => step.stage === "dispatch" && step.attempt === attempt),
  );
  const ends = lineage.filter((step) => finals.has(step.status));
  return [
    ...(final ? [] : [`is ${status}, not final`]),
    ...(final && status !== "delivered" ? [`ended as ${status}`] : []),
    ...(final && ends.length === 0 ? ["has no step with its final status"] : []),
    ...(ends.length > 1 ? [`has ${ends.length} final statuses: ${ends.map((step) => step.status).join(", ")}`] : []),
    ...missing.map((stage) => `has no step of ${stage}`),
    ...unsent.map((attempt) => `has no dispatch of attempt ${attempt}`),
  ];
};

const at = 16;
const everyMs = 1_000;

const viewsOf = async (url: string, sent: readonly Sent[]): Promise<(Seen | undefined)[]> => {
  const views: (Seen | undefined)[] = [];
  for (let start = 0; start < sent.length; start += at) {
    const asked = sent.slice(start, start + at).map(async ({ id }) => {
      const response = await fetch(`${url}/v1/messages/${encodeURIComponent(id)}`);
      return response.status === 200 ? ((await response.json()) as Seen) : undefined;
    });
    views.push(...(await Promise.all(asked)));
  }
  return views;
};

export interface Verdict {
  readonly delivered: number;
  /** Sent more than once, which only exactly_once and at_most_once exclude. */
  readonly twice: number;
  /** By message. */
  readonly problems: readonly string[];
}

const sends = ({ lineage }: Seen): number => lineage.filter(({ stage, outcome }) => stage === "dispatch" && outcome === "ok").length;

/** Queries a worker for all messages until each is delivered with all its steps, or `withinMs` is over. */
export const judge = async (
  url: () => string,
  sent: readonly Sent[],
  withinMs: number,
  say: (text: string) => void = () => undefined,
): Promise<Verdict> => {
  let open = sent;
  let [delivered, twice] = [0, 0];
  let problems: string[] = [];
  for (const end = Date.now() + withinMs; open.length > 0; ) {
    const views = await viewsOf(url(), open);
    const found = open.map((one, index) => ({ one, seen: views[index], problems: problemsOf(one, views[index]) }));
    const done = found.filter((message) => message.problems.length === 0);
    delivered += done.length;
    twice += done.filter(({ seen }) => seen && sends(seen) > 1).length;
    problems = found.flatMap((message) =>
      message.problems.length > 0 ? [`${message.one.channel} ${message.one.id}: ${message.problems.join("; ")}`] : [],
    );
    open = found.filter((message) => message.problems.length > 0).map(({ one }) => one);
    say(`${delivered} of ${sent.length} delivered, each step recorded`);
    if (Date.now() > end) break;
    if (open.length > 0) await sleep(everyMs);
  }
  return { delivered, twice, problems };
};

type Letter = Pick<DeadLetterView, "topic" | "code" | "message" | "settledAt">;

/** Errors of all open dead letters. */
export const deadLettersOf = async (url: string): Promise<string[]> => {
  const response = await fetch(`${url}/v1/dead-letters`);
  // the two builds name the list, and the state of an open letter, differently
  const { items, letters } = (await response.json()) as { readonly items?: readonly Letter[]; readonly letters?: readonly Letter[] };
  const open = (items ?? letters ?? []).filter(({ settledAt }) => settledAt === null);
  return open.map(({ topic, code, message }) => `a dead letter of ${topic}, ${code}: ${message}`);
};
