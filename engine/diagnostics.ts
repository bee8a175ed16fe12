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
      tookMs: "milliseconds that it took, of each record, with its waiting for others; empty if it failed",
      failed: "whether it gave a record up",
    },
  ),
  record: eventChannel<RecordTrace>("carillon:record", "a record has passed its stages, or failed", {
    queue: "the queue that it came by",
    record: "the record of the log",
    beginMs: "milliseconds since 1970 UTC",
    endMs: "milliseconds since 1970 UTC",
    stages: "its stages in order, with their times",
    calls: "calls of providers that its stages made",
    message: "id, attempt and traceparent of its message; undefined if no stage found one",
    error: "why it failed; undefined if it did not",
  }),
  handled: eventChannel<{ readonly queue: Queue; readonly records: number; readonly inHandMs: number }>(
    "carillon:handled",
    "records of a queue are done",
    { queue: "the queue", records: "how many", inHandMs: "milliseconds that they were in flight, in all" },
  ),
  handedBack: eventChannel<{ readonly topic: string }>(
    "carillon:handed_back",
    "a record was put back into its topic for workers of a later version",
    { topic: "name of the topic" },
  ),
  deadLetter: eventChannel<{ readonly stage: string; readonly code: string }>("carillon:dead_letter", "a record became a dead letter", {
    stage: "the stage that gave it up",
    code: "error code",
  }),
  trouble: eventChannel<{ readonly where: string; readonly error: unknown }>(
    "carillon:trouble",
    "work failed that Carillon will do again, or a connection failed",
    { where: "queue, job or server", error: "the error" },
  ),
  timer: eventChannel<{ readonly latenessMs: number; readonly by: "listener" | "sweeper" }>("carillon:timer", "a timer has fired", {
    latenessMs: "milliseconds after it was due",
    by: "listener or sweeper",
  }),
  providerCall: eventChannel<{ readonly channel: string; readonly provider: string; readonly outcome: string; readonly tookMs: number }>(
    "carillon:provider_call",
    "a provider has answered a call, or its deadline has passed",
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
    "an event of a provider was left out on purpose",
    { source: "callback, queue, log, connection or pull", reason: "why" },
  ),
  unreadableEvent: eventChannel<{ readonly source: string; readonly code: string }>(
    "carillon:unreadable_event",
    "an event of a provider could not be read, and became a dead letter",
    { source: "callback, queue, log, connection or pull", code: "error code" },
  ),
} as const;
