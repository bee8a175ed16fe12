import { afterEach, beforeEach } from "vitest";
import type { ConsumeOptions, Consumption, EventLog, LogRecord, RecordBatch } from "../../stores/event-log/event-log.js";
import { uniqueName } from "../support/scratch.js";

export interface EventLogFactory {
  readonly name: string;
  /** A log on the same data as the previous ones. */
  open(): Promise<EventLog>;
  /** Whether several logs may consume in one group, so that partitions move between them. */
  readonly rebalances: boolean;
}

/** A log that is opened before each test of a suite, and a topic and a group of that test. */
export interface EventLogUnderTest {
  readonly log: EventLog;
  readonly topic: string;
  readonly group: string;
  ensure(partitions: number, name?: string): Promise<void>;
  send(values: readonly string[], key?: (value: string) => string): Promise<void>;
  /** Consumes the test's topic until the test ends. */
  consume(onBatch: (batch: RecordBatch) => Promise<void>, options?: Partial<ConsumeOptions>, from?: EventLog): Promise<Consumption>;
  /** Opens the log again after the test has closed it. */
  reopen(): Promise<void>;
  /** Another log on the same data, for the time of the test. */
  openAnother(): Promise<EventLog>;
}

export const text = (records: readonly LogRecord[]): string[] => records.map((record) => record.value?.toString() ?? "");

/** The offset after a batch's last record. */
export const end = (batch: RecordBatch): number => (batch.records.at(-1)?.offset ?? -1) + 1;

/** Registers the hooks that open and close the log; called within a suite. */
export const setUpEventLog = (factory: EventLogFactory): EventLogUnderTest => {
  let log: EventLog;
  let topic: string;
  let group: string;
  let consumptions: Consumption[];
  const others: EventLog[] = [];

  beforeEach(async () => {
    log = await factory.open();
    topic = uniqueName("topic");
    group = uniqueName("group");
    consumptions = [];
  });
  afterEach(async () => {
    await Promise.all(consumptions.map((consumption) => consumption.stop()));
    await Promise.all([log, ...others.splice(0)].map((one) => one.close()));
  });

  return {
    get log() {
      return log;
    },
    get topic() {
      return topic;
    },
    get group() {
      return group;
    },
    ensure: (partitions, name = topic) => log.ensureTopics([{ topic: name, partitions, retentionMs: 3_600_000 }]),
    send: (values, key = () => "k") => log.append(values.map((value) => ({ topic, key: key(value), value: Buffer.from(value) }))),
    consume: async (onBatch, options = {}, from = log) => {
      const consumption = await from.consume({
        group,
        topic,
        consumers: 1,
        guarantee: "at_least_once",
        maxBatchRecords: 100,
        onError: () => undefined,
        ...options,
        onBatch,
      });
      consumptions.push(consumption);
      return consumption;
    },
    reopen: async () => {
      log = await factory.open();
    },
    openAnother: async () => {
      const other = await factory.open();
      others.push(other);
      return other;
    },
  };
};
