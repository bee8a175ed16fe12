import { CarillonError } from "../../schemas/errors.js";
import type { ConsumeOptions, OutgoingRecord, RecordBatch } from "../../stores/event-log/event-log.js";
import { retryPauseMs } from "../../stores/event-log/kafka/kafka-client.js";
import type { Broker } from "./broker.js";
import type { SimProcess } from "./process.js";

/** How long a rebalance waits for its members to release their partitions. */
const rebalanceMs = 20_000;

interface Loop {
  readonly stop: AbortController;
  readonly done: Promise<void>;
}

/** One consumer of a group, in one process. */
export class Member {
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

/** The consumers that share the partitions of a topic. */
export class Group {
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
