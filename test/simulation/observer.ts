import { type Asking, workOf } from "../../engine/ask.js";
import type { Topology } from "../../engine/builder.js";
import type { RecordInfo, Stage, StageResult } from "../../engine/stage.js";
import { CarillonError } from "../../schemas/errors.js";
import type { MemoryLog } from "../../stores/event-log/memory-log.js";
import type { SimProcess } from "./process.js";
import type { World } from "./world.js";

/** An event that no run may contain. */
export interface Violation {
  readonly invariant: string;
  readonly detail: string;
}

interface InHand {
  readonly process: SimProcess;
  readonly place: string;
  readonly sinceMs: number;
}

export interface ObserverOptions {
  readonly concurrency: number;
  readonly drainMs: number;
  /** Whether a started record may never be finished: at_most_once, after a crash. */
  readonly mayLose: boolean;
  readonly isPoison: (value: Buffer | null) => boolean;
}

/** Watches every record in the stages. */
export class Observer {
  readonly violations: Violation[] = [];
  private readonly inHand = new Set<InHand>();
  private readonly begun = new Set<string>();
  private readonly ended = new Set<string>();

  constructor(
    private readonly world: World,
    private readonly log: MemoryLog,
    private readonly options: ObserverOptions,
  ) {}

  violated(invariant: string, detail: string): void {
    if (this.violations.length < 20) this.violations.push({ invariant, detail });
    this.world.note(`VIOLATED: ${invariant}: ${detail}`);
  }

  get idle(): boolean {
    return ![...this.inHand].some(({ process }) => !process.ended);
  }

  /** The topology with watched stages. */
  watch(topology: Topology, process: SimProcess): Topology {
    const subTopologies = topology.subTopologies.map((sub) => {
      const last = sub.stages.length - 1;
      const stages = sub.stages.map(
        (stage, index): Stage<unknown, unknown, Record<string, unknown>> => ({
          ...stage,
          process: (input, context) => {
            const held = index === 0 ? this.begin(process, sub.name, context.record) : this.find(process, sub.name, context.record);
            return this.watched(() => stage.process(input, context), held, context.record, index === last);
          },
        }),
      );
      return { ...sub, stages };
    });
    return { ...topology, subTopologies };
  }

  /** A stage's work, with its end observed. */
  private *watched<T>(begin: () => StageResult<T>, held: InHand, record: RecordInfo, isLast: boolean): Asking<T> {
    try {
      const output = yield* workOf(begin());
      if (output === undefined || isLast) this.end(held, record);
      return output;
    } catch (error) {
      this.fail(held, record, error);
      throw error;
    }
  }

  private find(process: SimProcess, sub: string, { topic, partition, offset }: RecordInfo): InHand {
    const place = `${sub} ${topic}/${partition}/${offset}`;
    return (
      [...this.inHand].find((held) => held.process === process && held.place === place) ?? { process, place, sinceMs: this.world.now() }
    );
  }

  private begin(process: SimProcess, sub: string, { topic, partition, offset }: RecordInfo): InHand {
    const held = { process, place: `${sub} ${topic}/${partition}/${offset}`, sinceMs: this.world.now() };
    const ofPartition = `${sub} ${topic}/${partition}/`;
    let mine = 1;
    for (const other of this.inHand) {
      if (!other.place.startsWith(ofPartition)) continue;
      if (other.process === process) mine += 1;
      else this.refuseTwoAtOnce(other, process, ofPartition);
    }
    if (mine > this.options.concurrency && process.disturbedAtMs === Number.NEGATIVE_INFINITY)
      this.violated("bounded", `${mine} records of ${ofPartition} in hand at once, ${this.options.concurrency} allowed`);
    this.inHand.add(held);
    this.keepOrder(topic, partition, offset);
    return held;
  }

  private refuseTwoAtOnce(other: InHand, process: SimProcess, place: string): void {
    const { world, options } = this;
    // a process that was suspended and resumed has not learnt yet that the partition has moved
    if (process.disturbedAtMs >= world.now()) return;
    if (other.process.ended || other.process.paused || other.process.disturbedAtMs >= other.sinceMs) return;
    if (world.now() - other.sinceMs > options.drainMs) return; // it may have given up draining
    this.violated("one worker a partition", `${place} is processed by ${other.process.name} and ${process.name} at once`);
  }

  private keepOrder(topic: string, partition: number, offset: number): void {
    const place = `${topic}/${partition}/`;
    if (this.begun.has(place + offset)) return;
    this.begun.add(place + offset);
    if (this.options.mayLose) return;
    const records = this.log.read(topic, partition, 0, offset + 1);
    const key = records[offset]?.key;
    for (const earlier of records.slice(0, offset)) {
      if (!key || !earlier.key?.equals(key) || this.ended.has(place + earlier.offset) || this.options.isPoison(earlier.value)) continue;
      this.violated("order per key", `${place}${offset} was begun before ${place}${earlier.offset} of the same key was done`);
    }
  }

  private end(held: InHand, { topic, partition, offset }: RecordInfo): void {
    this.inHand.delete(held);
    if (!held.process.ended) this.ended.add(`${topic}/${partition}/${offset}`);
  }

  /** A record that will be redelivered is not done. */
  private fail(held: InHand, record: RecordInfo, error: unknown): void {
    if (error instanceof CarillonError && error.retryable) this.inHand.delete(held);
    else this.end(held, record);
  }
}
