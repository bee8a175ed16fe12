import { diagnostics, type Origin } from "../../engine/diagnostics.js";
import { CarillonError } from "../../schemas/errors.js";
import type { Metrics } from "./metrics.js";
import type { ProcessMetrics } from "./process-metrics.js";

const providerCounters = (origin: Origin, metrics: Metrics): readonly (() => void)[] => [
  diagnostics.providerCall.subscribe(origin, ({ channel, provider, outcome, tookMs }) =>
    metrics.providerSeconds.observe({ channel, provider, outcome }, tookMs / 1_000),
  ),
  diagnostics.receipt.subscribe(origin, ({ source, provider, unknownState }) => {
    metrics.receipts.inc({ source, provider });
    if (unknownState !== undefined) metrics.unknownStates.inc({ provider });
  }),
  diagnostics.ignoredEvent.subscribe(origin, ({ source, reason }) => metrics.ignoredEvents.inc({ source, reason })),
  diagnostics.unreadableEvent.subscribe(origin, ({ source, code }) => metrics.deadLetters.inc({ stage: source, code })),
];

const recordCounters = (origin: Origin, metrics: ProcessMetrics): readonly (() => void)[] => [
  diagnostics.stage.subscribe(origin, ({ stage, tookMs, failed }) => {
    if (failed) metrics.stageErrors.inc({ stage });
    const seconds = metrics.stageSeconds.labels({ stage });
    for (const ms of tookMs) seconds.observe(ms / 1_000);
  }),
  diagnostics.deadLetter.subscribe(origin, ({ stage, code }) => metrics.deadLetters.inc({ stage, code })),
  diagnostics.handedBack.subscribe(origin, ({ topic }) => metrics.handedBack.inc({ topic })),
  diagnostics.timer.subscribe(origin, ({ latenessMs, by }) => metrics.timerLateness.observe({ by }, latenessMs / 1_000)),
];

const together =
  (ends: readonly (() => void)[]): (() => void) =>
  () => {
    for (const end of ends) end();
  };

/** Updates the process metrics from the events of its graphs and timers. Returns a function that stops it. */
export const countRecords = (origin: Origin, metrics: ProcessMetrics): (() => void) => together(recordCounters(origin, metrics));

/**
 * Updates the process metrics from the troubles of all its threads, which are forwarded to the main thread. Returns a function that stops
 * it.
 */
export const countTroubles = (origin: Origin, metrics: Pick<ProcessMetrics, "retriedErrors" | "recordsDeleted">): (() => void) =>
  diagnostics.trouble.subscribe(origin, ({ where, error }) => {
    metrics.retriedErrors.inc({ where });
    if (error instanceof CarillonError && error.code === "RECORDS_DELETED") metrics.recordsDeleted.inc();
  });

/** Updates the delivery metrics from the events of its providers. Returns a function that stops it. */
export const countProviders = (origin: Origin, metrics: Metrics): (() => void) => together(providerCounters(origin, metrics));
