import { channel } from "node:diagnostics_channel";
import type { Queue } from "./queue.js";
import type { RecordTrace } from "./runtime/record-trace.js";

/** The Carillon instance that an event comes from, as one process may run several. Compared by identity. */
export interface Origin {
  readonly instance: string;
}

/** A channel of node:diagnostics_channel with typed events. Subscribers of the plain channel get each event with its `origin`. */
export interface EventChannel<Event extends object> {
  readonly name: string;
  readonly doc: string;
  /** A description of each field of an event. */
  readonly fields: { readonly [Field in keyof Event]-?: string };
  /** Without subscribers, events need not be collected or published. */
  readonly hasSubscribers: boolean;
  publish(origin: Origin, event: Event): void;
  /**
   * Calls the listener for the events of one Carillon instance. Returns a function that unsubscribes it. A listener that throws ends the
   * process.
   */
  subscribe(origin: Origin, listener: (event: Event) => void): () => void;
}

const eventChannel = <Event extends object>(name: string, doc: string, fields: EventChannel<Event>["fields"]): EventChannel<Event> => {
  const plain = channel(name);
  return {
    name,
    doc,
    fields,
    get hasSubscribers() {
      return plain.hasSubscribers;
    },
    publish: (origin, event) => {
      if (plain.hasSubscribers) plain.publish({ ...event, origin });
    },
    subscribe: (origin, listener) => {
      const filtered = (message: unknown): void => {
        const event = message as Event & { readonly origin: Origin };
        if (event.origin === origin) listener(event);
      };
      plain.subscribe(filtered);
      return () => void plain.unsubscribe(filtered);
    },
  };
};

/** All events that Carillon publishes about its work, for metrics, traces, logs, and programs that embed Carillon. */
export const diagnostics = {
  stage: eventChannel<{ readonly stage: string; readonly tookMs: readonly number[]; readonly failed: boolean }>(
    "carillon:stage",
    "a stage has processed records, or failed",
    {
      stage: "name of the stage",
      tookMs: "duration for each record in milliseconds, including waiting for others; empty if the stage failed",
      failed: "whether the stage failed on a record",
    },
  ),
  record: eventChannel<RecordTrace>("carillon:record", "a record has passed its stages, or failed", {
    queue: "queue that delivered the record",
    record: "record of the log",
    beginMs: "start, in milliseconds since 1970 UTC",
    endMs: "end, in milliseconds since 1970 UTC",
    stages: "its stages in order, with their times",
    calls: "calls to providers by its stages",
    message: "id, attempt and traceparent of its message; undefined if no stage found one",
    error: "the error; undefined if the record did not fail",
  }),
  handled: eventChannel<{ readonly queue: Queue; readonly records: number; readonly inFlightMs: number }>(
    "carillon:handled",
    "records of a queue were processed",
    { queue: "the queue", records: "number of records", inFlightMs: "total time in flight, in milliseconds" },
  ),
  handedBack: eventChannel<{ readonly topic: string }>(
    "carillon:handed_back",
    "a record was put back into its topic for workers of a later version",
    { topic: "name of the topic" },
  ),
  deadLetter: eventChannel<{ readonly stage: string; readonly code: string }>("carillon:dead_letter", "a record became a dead letter", {
    stage: "stage that failed",
    code: "error code",
  }),
  trouble: eventChannel<{ readonly where: string; readonly error: unknown }>(
    "carillon:trouble",
    "an operation that Carillon retries failed, or a connection failed",
    { where: "queue, job or server", error: "the error" },
  ),
  timer: eventChannel<{ readonly latenessMs: number; readonly by: "listener" | "sweeper" }>("carillon:timer", "a timer has fired", {
    latenessMs: "milliseconds after it was due",
    by: "listener or sweeper",
  }),
  providerCall: eventChannel<{ readonly channel: string; readonly provider: string; readonly outcome: string; readonly tookMs: number }>(
    "carillon:provider_call",
    "a provider has responded to a call, or the call timed out",
    { channel: "channel of the message", provider: "name of the provider", outcome: "kind of the outcome", tookMs: "milliseconds" },
  ),
  receipt: eventChannel<{ readonly source: string; readonly provider: string; readonly unknownState: string | undefined }>(
    "carillon:receipt",
    "a provider's receipt was accepted",
    {
      source: "callback, queue, log, connection or pull",
      provider: "name of the provider",
      unknownState: "a state that the provider's table does not have",
    },
  ),
  ignoredEvent: eventChannel<{ readonly source: string; readonly reason: string }>(
    "carillon:ignored_event",
    "an event from a provider was ignored by design",
    { source: "callback, queue, log, connection or pull", reason: "reason for ignoring it" },
  ),
  unreadableEvent: eventChannel<{ readonly source: string; readonly code: string }>(
    "carillon:unreadable_event",
    "an event from a provider could not be read and became a dead letter",
    { source: "callback, queue, log, connection or pull", code: "error code" },
  ),
} as const;
