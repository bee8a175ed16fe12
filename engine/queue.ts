import type { Guarantee } from "../stores/event-log/event-log.js";
import type { TopicFamily, TopicMember } from "./topic-family.js";

/** How one topic of a sub-topology is consumed. */
export interface QueueOptions {
  /** Consumers of its own in each process that runs it. */
  readonly consumers: number;
  readonly guarantee: Guarantee;
  /** Most records of one partition in flight at once; a sink takes whole batches instead. */
  readonly concurrency: number;
  readonly maxBatchRecords: number;
  /** See ConsumeOptions. */
  readonly sessionTimeoutMs?: number | undefined;
  /** Queues with the same share send by one producer, so that their outputs may wait for each other. */
  readonly share: string;
  /** Other queues of a busy process give way to an urgent one. */
  readonly urgent: boolean;
  /** What each of its records begins, so that its span has an id that other processes know. */
  readonly begins: "message" | "attempt" | null;
  /** The key of the configuration that holds its partitions and consumers; null where there is none. */
  readonly sizedBy: string | null;
  /** Which role consumes it, by the name of the set of roles. */
  readonly roles: Readonly<Record<string, string>>;
}

/** One topic of one sub-topology, with everything that running it, measuring it and showing it takes. */
export interface Queue extends QueueOptions {
  /** `<sub-topology>/<topic>`: unique within a process. */
  readonly name: string;
  readonly sub: string;
  /** The topic, without its prefix. */
  readonly topic: string;
  readonly partitions: number;
  readonly lane: string | null;
  readonly channel: string | null;
}

/** The queues of a sub-topology: one for each topic of its input. */
export interface QueueSet<T> {
  readonly sub: string;
  readonly input: TopicFamily<T>;
  readonly queues: readonly Queue[];
}

/** One consumer, in order per key, each record at least once. */
export const presetQueue: QueueOptions = {
  consumers: 1,
  guarantee: "at_least_once",
  concurrency: 64,
  maxBatchRecords: 500,
  share: "",
  urgent: false,
  begins: null,
  sizedBy: null,
  roles: {},
};

/** What is not given is as in `presetQueue`; a queue shares a producer with the others of its sub-topology unless its options say otherwise. */
export const queueSet = <T>(
  sub: string,
  input: TopicFamily<T>,
  optionsOf: (member: TopicMember) => Partial<QueueOptions> = () => ({}),
): QueueSet<T> => ({
  sub,
  input,
  queues: input.members.map((member) => ({
    ...presetQueue,
    share: sub,
    ...optionsOf(member),
    name: `${sub}/${member.name}`,
    sub,
    topic: member.name,
    partitions: member.partitions,
    lane: member.lane ?? null,
    channel: member.channel ?? null,
  })),
});
