import { CarillonError } from "../../schemas/errors.js";
import type { ConsumeOptions, Consumption, EventLog, OutgoingRecord, RecordBatch } from "../../stores/event-log/event-log.js";
import { retryPauseMs } from "../../stores/event-log/kafka/kafka-client.js";
import type { MemoryLog } from "../../stores/event-log/memory-log.js";
import { consumeLocally, type LocalLog } from "../../stores/event-log/partition-loop.js";
import type { SimProcess } from "./process.js";
import type { Random } from "./random.js";
import type { World } from "./world.js";

/** A member that sends no heartbeat for this long loses its partitions. */
export const sessionMs = 10_000;
/** How long a rebalance waits for its members to release their partitions. */
const rebalanceMs = 20_000;

interface Loop {
  readonly stop: AbortController;
  readonly done: Promise<void>;
}

/** Wakes consumers that wait for records of a topic. */
export class Arrivals {
  private readonly waiting = new Map<string, Set<() => void>>();

  raise(topics: Iterable<string>): void {
    for (const topic of new Set(topics)) {
      const wakers = this.waiting.get(topic);
      this.waiting.delete(topic);
      for (const wake of wakers ?? []) wake();
    }
  }

  wait(topic: string, process: SimProcess, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wakers = this.waiting.get(topic) ?? new Set();
      const wake = (): void => {
        wakers.delete(wake);
        signal.removeEventListener("abort", wake);
        process.deliver(resolve);
      };
      if (signal.aborted) {
        resolve();
        return;
      }
      this.waiting.set(topic, wakers.add(wake));
      signal.addEventListener("abort", wake, { once: true });
    });
  }
}

/** One consumer of a group, in one process. */
class Member {
  stopped = false;
  private loops: Loop[] = [];

  constructor(
    readonly group: Group,
    readonly process: SimProcess,
    readonly options: ConsumeOptions,
    private readonly broker: Broker,
  ) {}

  /** Drains all records in flight. */
  async letGo(): Promise<void> {
    for (const { stop } of this.loops) stop.abort();
    await Promise.all(this.loops.map(({ done }) => done));
    this.loops = [];
  }

  take(partitions: readonly number[], generation: number): void {
    this.loops = partitions.map((partition) => {
      const stop = new AbortController();
      return { stop, done: this.run(partition, generation, stop.signal) };
    });
  }

  async leave(): Promise<void> {
    this.stopped = true;
    await this.letGo();
    this.group.remove(this);
  }

  private async run(partition: number, generation: number, signal: AbortSignal): Promise<void> {
    const { options, process, broker, group } = this;
    const { topic, guarantee, maxBatchRecords, onError, onBatch } = options;
    const { log, arrivals } = broker;
    let position: number | undefined;
    let epoch = 0;
    let failures = 0;
    while (!signal.aborted) {
      try {
        if (position === undefined) {
          const start = await process.call("log", `take ${topic}/${partition}`, "read", async () => {
            group.refuseStale(this, generation);
            return { position: log.committed(options.group, topic, partition), epoch: broker.takeOver(options.group, topic, partition) };
          });
          ({ position, epoch } = start);
        }
        const from = position;
        if (log.read(topic, partition, from, 1).length === 0) {
          await arrivals.wait(topic, process, signal);
          continue;
        }
        const records = await process.call("log", `fetch ${topic}/${partition} from ${from}`, "read", async () =>
          log.read(topic, partition, from, maxBatchRecords).map((record) => ({ ...record })),
        );
        const commit = async (next: number, outputs: readonly OutgoingRecord[]): Promise<void> => {
          const offset = { group: options.group, topic, partition, next };
          if (guarantee === "exactly_once") {
            await process.call("log", `commit ${topic}/${partition} to ${next} with ${outputs.length}`, "write", async () => {
              if (broker.epochOf(options.group, topic, partition) !== epoch)
                throw new CarillonError("FENCED", "its transactions are fenced");
              await broker.write(outputs, offset);
            });
          } else {
            if (outputs.length > 0) await append(outputs);
            await process.call("log", `commit ${topic}/${partition} to ${next}`, "write", async () => {
              group.refuseStale(this, generation);
              await broker.write([], offset);
            });
          }
          position = next;
        };
        const append = (outputs: readonly OutgoingRecord[]): Promise<void> => broker.append(process, outputs);
        const batch: RecordBatch = { topic, partition, records, signal, progress: () => undefined, append, commit };
        await onBatch(batch);
        failures = 0;
      } catch (error) {
        onError(error);
        await process.clock.sleep(retryPauseMs(failures), signal);
        failures += 1;
        // forgotten, because an answer was lost: the position is read again
        position = undefined;
      }
    }
  }
}

class Group {
  private readonly members = new Set<Member>();
  private generation = 0;
  private preparing = false;

  constructor(
    private readonly name: string,
    private readonly topic: string,
    private readonly broker: Broker,
  ) {}

  join(member: Member): void {
    this.members.add(member);
    this.rebalance(`${member.process.name} joins`);
  }

  remove(member: Member): void {
    if (this.members.delete(member)) this.rebalance(`${member.process.name} leaves`);
  }

  removeOf(process: SimProcess): void {
    for (const member of [...this.members]) if (member.process === process) this.remove(member);
  }

  has(member: Member): boolean {
    return this.members.has(member);
  }

  refuseStale(member: Member, generation: number): void {
    if (!this.members.has(member) || generation !== this.generation) throw new CarillonError("FENCED", "the group has gone on");
  }

  private rebalance(why: string): void {
    if (this.preparing) return;
    this.preparing = true;
    const { world, random } = this.broker;
    world.note(`group ${this.name} rebalances: ${why}`);
    const waiting = new Set(this.members);
    let over = false;
    const finish = (): void => {
      if (over) return;
      over = true;
      for (const silent of waiting) this.members.delete(silent);
      this.preparing = false;
      this.assign();
    };
    const letGo = async (member: Member): Promise<void> => {
      await member.letGo();
      if (member.process.ended || member.stopped) return;
      if (over) this.join(member);
      else waiting.delete(member);
      if (waiting.size === 0) finish();
    };
    // each member notices at its next heartbeat
    for (const member of this.members) world.after(random.between(0, 500), () => member.process.deliver(() => void letGo(member)));
    world.after(rebalanceMs, finish);
    if (waiting.size === 0) finish();
  }

  private assign(): void {
    const { world, random, log } = this.broker;
    this.generation += 1;
    const { generation } = this;
    const members = random.shuffled([...this.members]);
    const count = log.partitions(this.topic);
    for (const [index, member] of members.entries()) {
      const partitions = Array.from({ length: count }, (_, partition) => partition).filter(
        (partition) => partition % members.length === index,
      );
      world.after(random.between(0, 20), () =>
        member.process.deliver(() => {
          const stands = this.generation === generation && !this.preparing && this.members.has(member);
          if (stands && !member.stopped) member.take(partitions, generation);
        }),
      );
    }
  }
}

/** A log with groups, generations and transactions, like Kafka's. */
export class Broker {
  readonly arrivals = new Arrivals();
  private readonly groups = new Map<string, Group>();
  private readonly epochs = new Map<string, number>();
  private readonly members = new Map<SimProcess, Member[]>();

  constructor(
    readonly log: MemoryLog,
    readonly world: World,
    readonly random: Random,
  ) {}

  async write(outputs: readonly OutgoingRecord[], offset?: Parameters<MemoryLog["write"]>[1]): Promise<void> {
    await this.log.write(outputs, offset);
    this.arrivals.raise(outputs.map(({ topic }) => topic));
  }

  /** An append covers several partitions and brokers, so a part of it may be accepted. */
  append(process: SimProcess, records: readonly OutgoingRecord[]): Promise<void> {
    return process.call("log", `append ${records.length}`, "write", {
      whole: () => this.write(records),
      partly: (random) => this.write(records.filter(() => random.chance(0.5))),
    });
  }

  epochOf(group: string, topic: string, partition: number): number {
    return this.epochs.get(`${group} ${topic} ${partition}`) ?? 0;
  }

  takeOver(group: string, topic: string, partition: number): number {
    const epoch = this.epochOf(group, topic, partition) + 1;
    this.epochs.set(`${group} ${topic} ${partition}`, epoch);
    return epoch;
  }

  /** A process without heartbeats for too long loses its partitions. */
  forget(process: SimProcess): void {
    for (const group of this.groups.values()) group.removeOf(process);
  }

  /** A process whose heartbeats fail releases everything. */
  loseTouch(process: SimProcess): void {
    for (const member of this.members.get(process) ?? []) process.deliver(() => void member.letGo());
  }

  /** A process that reaches the log again learns what it lost, and rejoins. */
  findAgain(process: SimProcess, lostTouch: boolean): void {
    for (const member of this.members.get(process) ?? []) {
      this.world.after(this.random.between(0, 500), () =>
        process.deliver(() => {
          if (member.stopped || (member.group.has(member) && !lostTouch)) return;
          void member.letGo().then(() => {
            if (!process.ended && !member.stopped) member.group.join(member);
          });
        }),
      );
    }
  }

  join(process: SimProcess, options: ConsumeOptions): Consumption {
    const group = this.groups.get(options.group) ?? new Group(options.group, options.topic, this);
    this.groups.set(options.group, group);
    const member = new Member(group, process, options, this);
    this.members.set(process, [...(this.members.get(process) ?? []), member]);
    group.join(member);
    return { stop: () => member.leave(), living: () => options.consumers, trouble: () => undefined };
  }
}

const eventLogOf = (broker: Broker, process: SimProcess, consume: EventLog["consume"]): EventLog => {
  const { log } = broker;
  return {
    ensureTopics: (specs) => process.call("log", "ensure topics", "read", () => log.ensureTopics(specs)),
    existing: (topics) => log.existing(topics),
    append: (records) => (records.length === 0 ? Promise.resolve() : broker.append(process, records)),
    consume,
    lag: (group, topic) => log.lag(group, topic),
    waited: (group, topic) => log.waited(group, topic),
    scan: (topic, limit) => log.scan(topic, limit),
    close: async () => undefined,
  };
};

/** The log for a process of a cluster. */
export const clusterLog = (broker: Broker, process: SimProcess): EventLog =>
  eventLogOf(broker, process, async (options) => broker.join(process, options));

/** The log for the only process of the embedded profile: reads always succeed, and a write contains outputs and offset together. */
export const embeddedLog = (broker: Broker, process: SimProcess): EventLog => {
  const { log, arrivals } = broker;
  const local: LocalLog = {
    partitions: log.partitions,
    committed: log.committed,
    read: (topic, partition, offset, limit) => log.read(topic, partition, offset, limit).map((record) => ({ ...record })),
    write: (outputs, offset) =>
      process.call(
        "log",
        offset ? `commit ${offset.topic}/${offset.partition} to ${offset.next}` : `append ${outputs.length}`,
        "write",
        () => broker.write(outputs, offset),
      ),
    changed: (topic, _timeoutMs, signal) => arrivals.wait(topic, process, signal),
  };
  return eventLogOf(broker, process, async (options) => consumeLocally(local, options, process.clock));
};
