import type { LogRecord } from "../../stores/event-log/event-log.js";
import type { Queue } from "../queue.js";
import type { RecordInfo } from "../stage.js";
import { originOf } from "./origin.js";

/** The record as its stages see it. Costly values are computed on access. */
export class RecordView implements RecordInfo {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly timestampMs: number;
  readonly headers: RecordInfo["headers"];
  readonly value: Buffer | null;
  readonly lane: string | null;
  readonly channel: string | null;

  constructor(
    private readonly of: LogRecord,
    { lane, channel }: Pick<Queue, "lane" | "channel">,
  ) {
    this.topic = of.topic;
    this.partition = of.partition;
    this.offset = of.offset;
    this.timestampMs = of.timestampMs;
    this.headers = of.headers;
    this.value = of.value;
    this.lane = lane;
    this.channel = channel;
  }

  get origin(): string {
    return originOf(this.of);
  }

  get traceparent(): string | undefined {
    return this.headers.traceparent?.toString();
  }

  get tracestate(): string | undefined {
    return this.headers.tracestate?.toString();
  }
}
