import type { Codec } from "../../schemas/codec.js";
import type { DeadLetter, DeliveryFeedback } from "../../schemas/generated.js";
import { type LineageStepEvent, stepsOf } from "../../schemas/lineage-steps.js";
import type { LogRecord } from "../../stores/event-log/event-log.js";
import { keys } from "../../stores/keys.js";
import type { MessageDocument } from "../../stores/lineage-store/lineage-store.js";
import { rollupFaults } from "../support/rollups.js";
import type { Plan, PlannedMessage } from "./plan.js";
import { maxAttempts, messageIdOf, names, onAmbiguousOf, poison } from "./set-up.js";
import type { FinishedRun } from "./simulate.js";

const decodeAll = async <T>(records: readonly LogRecord[], codec: Codec<T>): Promise<T[]> =>
  Promise.all(records.map(async ({ value }) => codec.decode(value)));

interface Evidence {
  readonly events: readonly LineageStepEvent[];
  readonly feedback: readonly DeliveryFeedback[];
  readonly letters: readonly DeadLetter[];
}

const gather = async (run: FinishedRun): Promise<Evidence> => {
  const { families, codecs } = run.assembled;
  const all = (member: string): Promise<readonly LogRecord[]> => run.servers.log.scan(names.topicOf(member), 1_000_000);
  return {
    events: (await decodeAll(await all("lineage"), codecs.of(families.lineage))).flatMap(stepsOf),
    feedback: await decodeAll(await all("feedback"), codecs.of(families.feedback)),
    letters: await decodeAll(await all("dead-letters"), codecs.of(families.deadLetters)),
  };
};

const beforeDispatch = ["accept", "validate", "enrich", "route"] as const;

/**
 * A recorded call appears with its time, before its consequences. If an attempt was called twice, one call's receipt may precede the other
 * call.
 */
const checkSendsBeforeReceipts = (
  { observer, provider }: FinishedRun,
  planned: PlannedMessage,
  { _id, lineage }: MessageDocument,
): void => {
  for (const [place, { stage, attempt, details }] of lineage.entries()) {
    if (stage !== "dispatch" || details.tookMs === undefined) continue;
    const first = lineage.findIndex((entry) => entry.stage === "response_handle" && entry.attempt === attempt);
    const calls = provider.ledger.filter((call) => call.messageId === _id && call.attempt === attempt).length;
    if (first >= 0 && first < place && calls === 1)
      observer.violated("lineage is in order", `message ${planned.index}: a receipt of attempt ${attempt} stands before its send`);
  }
};

const checkLineage = (run: FinishedRun, planned: PlannedMessage, document: MessageDocument, { events }: Evidence): void => {
  const { plan, observer, provider } = run;
  const told = new Set(events.filter(({ messageId }) => messageId === document._id).map(({ eventId }) => eventId));
  const kept = new Set(document.lineage.map(({ eventId }) => eventId));
  const missing = [...told].filter((id) => !kept.has(id));
  const invented = [...kept].filter((id) => !told.has(id));
  if (missing.length > 0) observer.violated("lineage is complete", `message ${planned.index} lacks ${missing.join(", ")}`);
  if (invented.length > 0)
    observer.violated("lineage is consistent", `message ${planned.index} holds ${invented.join(", ")}, which nobody told`);
  if (kept.size !== document.lineage.length) observer.violated("lineage is consistent", `message ${planned.index} holds a step twice`);
  const stages = document.lineage.map(({ stage }) => stage);
  if (plan.shape.guarantee === "at_most_once") return;
  if (planned.copies > 1 && !document.lineage.some(({ outcome }) => outcome === "duplicate"))
    observer.violated("lineage is complete", `message ${planned.index} was requested ${planned.copies} times, and lineage does not say so`);
  const sent = new Set(provider.ledger.filter(({ messageId }) => messageId === document._id).map(({ attempt }) => attempt));
  for (const attempt of sent) {
    if (!document.lineage.some((entry) => entry.stage === "dispatch" && entry.attempt === attempt))
      observer.violated(
        "lineage is complete",
        `attempt ${attempt} of message ${planned.index} reached the provider, and lineage does not say so`,
      );
  }
  if (plan.troubles.some(({ kind }) => kind === "clock_jump")) return;
  const places = beforeDispatch.map((stage) => stages.indexOf(stage)).filter((place) => place >= 0);
  if (places.some((place, index) => index > 0 && place < (places[index - 1] ?? 0)))
    observer.violated("lineage is in order", `message ${planned.index}: ${stages.join(" ")}`);
  checkSendsBeforeReceipts(run, planned, document);
};

/** In at_most_once, records in flight are lost if a worker dies or a server fails them; a graceful stop loses nothing. */
export const mayLose = ({ shape, troubles, mishaps }: Plan): boolean =>
  shape.guarantee === "at_most_once" && (mishaps.fails > 0 || mishaps.losesAnswer > 0 || troubles.some(({ kind }) => kind !== "restart"));

const checkEnd = async (run: FinishedRun, planned: PlannedMessage, evidence: Evidence): Promise<void> => {
  const { plan, observer } = run;
  const { lineage, claims } = run.servers;
  const id = messageIdOf(planned.index);
  const document = await lineage.find(id);
  const mayBeLost = mayLose(plan);
  if (!document) {
    if (!mayBeLost) observer.violated("nothing is lost", `message ${planned.index} was accepted, and nothing tells of it`);
    return;
  }
  if (!document.final) {
    observer.violated("every message ends", `message ${planned.index} is still ${document.status}`);
    return;
  }
  const decision = await claims.decided(keys.claims.final(id));
  const decided = decision?.split(":")[0];
  if (decision?.endsWith(":overdue") && !mayBeLost)
    observer.violated("timers fire or are cancelled", `message ${planned.index} had no timer left, and was closed by the overdue sweep`);
  if (decided !== document.status)
    observer.violated("one final status", `message ${planned.index} is ${document.status} in lineage, and was decided ${decided}`);
  const finals = new Set(
    evidence.events
      .filter(({ messageId, status, outcome }) => messageId === id && status !== null && outcome === status && isEnd(status))
      .map(({ status }) => status),
  );
  if (finals.size !== 1) observer.violated("one final status", `message ${planned.index} ended as ${[...finals].join(" and ")}`);
  const told = new Set(evidence.feedback.filter(({ messageId, kind }) => messageId === id && kind === "final").map(({ status }) => status));
  if (told.size > 1 || (told.size === 1 && !told.has(document.status)))
    observer.violated(
      "the sender is told once",
      `of message ${planned.index}, ${document.status}, the sender heard ${[...told].join(" and ")}`,
    );
  if (told.size === 0 && !mayBeLost) observer.violated("the sender is told once", `of message ${planned.index} the sender heard nothing`);
  if (document.status !== "delivered" && !document.reason)
    observer.violated("every end has its reason", `message ${planned.index} ${document.status}`);
  checkLineage(run, planned, document, evidence);
  await checkReceipts(run, planned, document);
};

/** A receipt that arrives in time, for a recorded send, is handled. */
const checkReceipts = async (run: FinishedRun, planned: PlannedMessage, document: MessageDocument): Promise<void> => {
  const { plan, observer, provider, servers } = run;
  const isLoose = plan.shape.guarantee === "at_most_once" || plan.troubles.some(({ kind }) => kind === "clock_jump");
  if (isLoose || document.reason !== "no_receipt") return;
  for (const { event, providerMessageId, at } of provider.reportsOf(document._id)) {
    const known = providerMessageId !== null && (await servers.cache.resolve("simulated", providerMessageId)) !== undefined;
    if (event === "delivered" && known && at + heardWithinMs < (document.finalAt?.getTime() ?? 0))
      observer.violated(
        "receipts are heard",
        `message ${planned.index} was closed for want of a receipt, and ${providerMessageId} had told ${event}`,
      );
  }
};

/** Waits of early receipts plus all troubles. */
const heardWithinMs = 500_000;

const ends = new Set(["delivered", "failed", "expired", "suppressed", "cancelled"]);
const isEnd = (status: string): boolean => ends.has(status);

const checkSends = ({ plan, observer, provider, servers }: FinishedRun): void => {
  const sends = new Map<string, number>();
  for (const { messageId, attempt } of provider.ledger) {
    const key = `${messageId}:${attempt}`;
    sends.set(key, (sends.get(key) ?? 0) + 1);
    if (attempt > maxAttempts) observer.violated("bounded", `${key}: ${maxAttempts} attempts are allowed`);
  }
  for (const [key, count] of sends) {
    const allowed = onAmbiguousOf(plan.shape) === "hold" ? 1 : 1 + servers.claimWatch.takeOversOf(`claim:${key}`);
    if (count > allowed) observer.violated("no send too many", `${key} was sent ${count} times, ${allowed} allowed`);
  }
};

const checkDeadLetters = ({ plan, observer }: FinishedRun, { letters }: Evidence): void => {
  for (const planned of plan.messages.filter(({ fault }) => fault === "poison")) {
    if (!letters.some(({ value }) => value?.equals(poison(planned.index))) && plan.shape.guarantee !== "at_most_once")
      observer.violated("nothing is lost", `the bytes of message ${planned.index} are in no dead letter`);
  }
  for (const { stage, errorCode, errorMessage, value } of letters) {
    // at_most_once never redelivers, so records that failed because of a server become dead letters, too
    const isKept = plan.shape.guarantee === "at_most_once" && mayLose(plan);
    const expected = isKept || errorCode === "UNKNOWN_RECEIPT" || value?.toString("latin1").startsWith("poison");
    if (!expected) observer.violated("dead letters are for what cannot be processed", `${stage}: ${errorCode} ${errorMessage}`);
  }
};

const checkRollups = async ({ servers, observer }: FinishedRun): Promise<void> => {
  for (const fault of await rollupFaults(servers.lineage, {})) observer.violated("counts are exact", fault);
};

const checkRest = async (run: FinishedRun): Promise<void> => {
  const pending = await run.servers.timers.pending();
  if (pending > 0) run.observer.violated("timers fire or are cancelled", `${pending} still wait`);
  for (const open of await run.openRecords()) run.observer.violated("comes to rest", `${open} are not committed`);
};

/** Invariants that must hold once everything is idle. */
export const checkAtEnd = async (run: FinishedRun): Promise<void> => {
  const evidence = await gather(run);
  for (const planned of run.plan.messages) if (planned.fault !== "poison") await checkEnd(run, planned, evidence);
  checkSends(run);
  checkDeadLetters(run, evidence);
  await checkRollups(run);
  await checkRest(run);
};
