import type { Guarantee } from "../stores/event-log/event-log.js";
import type { TopicFamily, TopicMember } from "./topic-family.js";

/** How to consume one topic of a sub-topology. */
export interface QueueOptions {
  /** Number of consumers in each process that runs it. */
  readonly consumers: number;
  readonly guarantee: Guarantee;
  /** Most records of one partition in flight at once. Ignored for a sink, which takes whole batches. */
  readonly concurrency: number;
  readonly maxBatchRecords: number;
  /** See ConsumeOptions. */
  readonly sessionTimeoutMs?: number | undefined;
  /** Queues with the same share use one producer, so their outputs may wait for each other. */
  readonly share: string;
  /** In a busy process, other queues yield to an urgent one. */
  readonly urgent: boolean;
  /** The unit of work that each of its records starts. It gives the record's span an id that other processes can compute. */
  readonly begins: "message" | "attempt" | null;
  /** The configuration key with its partitions and consumers; null if there is none. */
  readonly sizedBy: string | null;
  /** The role that consumes it, by the name of the set of roles. */
  readonly roles: Readonly<Record<string, string>>;
}

/** One topic of one sub-topology, with everything needed to run, measure and display it. */
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

/** The queues of a sub-topology: one for each input topic. */
export interface QueueSet<T> {
  readonly sub: string;
  readonly input: TopicFamily<T>;
  readonly queues: readonly Queue[];
}

/** Defaults: one consumer, in order per key, each record at least once. */
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

/** Missing options default to `presetQueue`. By default a queue shares a producer with the others of its sub-topology. */
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
