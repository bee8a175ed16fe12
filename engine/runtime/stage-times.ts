import { diagnostics, type Origin } from "../diagnostics.js";
import type { Queue } from "../queue.js";

/** The durations of stages, collected while records run and published together. */
export class StageTimes {
  private byStage = new Map<string, number[]>();
  private records = 0;
  private inFlightMs = 0;

  constructor(
    private readonly queue: Queue,
    private readonly origin: Origin,
  ) {}

  passed(stage: string, tookMs: number): void {
    if (!diagnostics.stage.hasSubscribers) return;
    const times = this.byStage.get(stage);
    if (times) times.push(tookMs);
    else this.byStage.set(stage, [tookMs]);
  }

  handled(inFlightMs: number): void {
    this.records += 1;
    this.inFlightMs += inFlightMs;
  }

  publish(): void {
    const { queue, origin, records, inFlightMs } = this;
    if (records > 0) diagnostics.handled.publish(origin, { queue, records, inFlightMs });
    this.records = 0;
    this.inFlightMs = 0;
    if (this.byStage.size === 0) return;
    for (const [stage, tookMs] of this.byStage) diagnostics.stage.publish(origin, { stage, tookMs, failed: false });
    this.byStage = new Map();
  }
}
