import type { ConsumeOptions, Consumption, OutgoingRecord } from "../../stores/event-log/event-log.js";
import type { MemoryLog } from "../../stores/event-log/memory-log.js";
import { Arrivals } from "./arrivals.js";
import { Group, Member } from "./consumer-group.js";
import type { SimProcess } from "./process.js";
import type { Random } from "./random.js";
import type { World } from "./world.js";

/** A member that sends no heartbeat for this long loses its partitions. */
export const sessionMs = 10_000;

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
