import { createHash } from "node:crypto";
import { type Attributes, type Context, ROOT_CONTEXT, type Span, SpanKind, SpanStatusCode, TraceFlags, trace } from "@opentelemetry/api";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { resourceFromAttributes } from "@opentelemetry/resources";
import {
  BatchSpanProcessor,
  type IdGenerator,
  RandomIdGenerator,
  SamplingDecision,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from "@opentelemetry/sdk-trace";
import { traceparentOf } from "../../client/complete-message.js";
import type { Config } from "../../config/schema.js";
import { maskOf } from "../../config/secrets.js";
import { diagnostics, type Origin } from "../../engine/diagnostics.js";
import type { Queue } from "../../engine/queue.js";
import type { RecordTrace } from "../../engine/runtime/record-trace.js";
import { EnvironmentProxyAgent } from "../../wire/proxy-agent.js";
import { proxyAddresses } from "../../wire/proxy-environment.js";

export interface Tracing {
  /** Sends the queued spans and ends the subscription. */
  stop(): Promise<void>;
}

/** Generates predictable ids: the next trace and span use the ids that are set, if any. */
class SetIds implements IdGenerator {
  private readonly random = new RandomIdGenerator();
  traceId: string | undefined;
  spanId: string | undefined;
  generateTraceId = (): string => this.traceId ?? this.random.generateTraceId();
  generateSpanId = (): string => this.spanId ?? this.random.generateSpanId();
}

/** The span id of an attempt, or of the intake (attempt 0). Every process can compute it. */
const spanIdOf = (messageId: string, attempt: number): string =>
  createHash("sha256").update(`${messageId}:${attempt}`).digest("hex").slice(0, 16);

/** A span's parent, and the previous attempt if it is a repetition. */
interface Lineage {
  readonly spanId: string | undefined;
  readonly parentSpanId: string | undefined;
  readonly linkedSpanId: string | undefined;
}

type Message = NonNullable<RecordTrace["message"]>;

/** Intake follows the sender, each attempt the intake, and a receipt its attempt. An attempt is linked to the previous one. */
const lineageOf = ({ begins }: Queue, { messageId, attempt, traceparent }: Message): Lineage => {
  const intake = spanIdOf(messageId, 0);
  if (begins === "message") {
    const own = traceparent === traceparentOf(messageId);
    return { spanId: intake, parentSpanId: own ? undefined : traceparent.slice(36, 52), linkedSpanId: undefined };
  }
  if (begins === "attempt") {
    const linkedSpanId = attempt > 1 ? spanIdOf(messageId, attempt - 1) : undefined;
    return { spanId: spanIdOf(messageId, attempt), parentSpanId: intake, linkedSpanId };
  }
  return { spanId: undefined, parentSpanId: spanIdOf(messageId, attempt), linkedSpanId: undefined };
};

const remote = (traceId: string, spanId: string) => ({ traceId, spanId, traceFlags: TraceFlags.SAMPLED, isRemote: true });

/** The exporter uses node:http. */
const throughProxy = () => (proxyAddresses(process.env).length > 0 ? { httpAgentOptions: () => new EnvironmentProxyAgent() } : {});

const mostWaiting = 8_192;
const lastWordsMs = 5_000;

/** Exports spans in batches. */
const createProvider = ({ tracing, instance }: Config, url: string, idGenerator: IdGenerator): TracerProvider => {
  const exporter = new OTLPTraceExporter({ url, headers: { ...tracing.headers }, timeoutMillis: 10_000, ...throughProxy() });
  return new TracerProvider({
    resource: resourceFromAttributes({ "service.name": tracing.service, "service.instance.id": instance }),
    idGenerator,
    spanProcessors: [
      new BatchSpanProcessor({
        exporter,
        maxQueueSize: mostWaiting,
        maxExportBatchSize: 512,
        scheduledDelayMillis: 1_000,
        exportTimeoutMillis: 10_000,
      }),
    ],
  });
};

/** The sender decides whether its trace is sampled. Messages without a trace are sampled by the ratio. */
const createSampler = (ratio: number) => {
  const sampler = new TraceIdRatioBasedSampler(ratio);
  return ({ messageId, traceparent }: Message): boolean =>
    traceparent === traceparentOf(messageId)
      ? sampler.shouldSample(ROOT_CONTEXT, traceparent.slice(3, 35)).decision === SamplingDecision.RECORD_AND_SAMPLED
      : (Number.parseInt(traceparent.slice(53), 16) & TraceFlags.SAMPLED) !== 0;
};

/**
 * Sends one span per record, with its stages and calls below it, to an OpenTelemetry collector. Spans are created once a record is done and
 * its message is known. Spans that the collector does not accept in time are dropped and delay nothing.
 */
export const startTracing = (config: Config, url: string, origin: Origin): Tracing => {
  const mask = maskOf(config);
  const ids = new SetIds();
  const provider = createProvider(config, url, ids);
  const tracer = provider.getTracer("carillon");
  const isSampled = createSampler(config.tracing.sampleRatio);

  const under = (
    parent: Span,
    name: string,
    kind: SpanKind,
    attributes: Attributes,
    beginMs: number,
    endMs: number,
    failed: boolean,
  ): void => {
    const context: Context = trace.setSpan(ROOT_CONTEXT, parent);
    const span = tracer.startSpan(name, { kind, attributes, startTime: beginMs }, context);
    if (failed) span.setStatus({ code: SpanStatusCode.ERROR });
    span.end(endMs);
  };

  const tell = (message: Message, { queue, record, beginMs, endMs, stages, calls, error }: RecordTrace): void => {
    const traceId = message.traceparent.slice(3, 35);
    const { spanId, parentSpanId, linkedSpanId } = lineageOf(queue, message);
    const context = parentSpanId === undefined ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, remote(traceId, parentSpanId));
    ids.traceId = traceId;
    ids.spanId = spanId;
    const span = tracer.startSpan(
      `process ${queue.sub}`,
      {
        kind: SpanKind.CONSUMER,
        startTime: beginMs,
        links: linkedSpanId === undefined ? [] : [{ context: remote(traceId, linkedSpanId) }],
        attributes: {
          "messaging.operation.type": "process",
          "messaging.destination.name": record.topic,
          "messaging.destination.partition.id": String(record.partition),
          "messaging.kafka.offset": record.offset,
          "messaging.message.id": message.messageId,
          "carillon.attempt": message.attempt,
          "carillon.waited_ms": Math.max(0, Math.round(beginMs - record.timestampMs)),
        },
      },
      context,
    );
    ids.traceId = undefined;
    ids.spanId = undefined;
    for (const stage of stages) under(span, stage.name, SpanKind.INTERNAL, {}, stage.beginMs, stage.endMs, stage.failed);
    for (const call of calls) {
      const attributes = { "carillon.provider": call.of, "carillon.outcome": call.outcome };
      under(span, `send by ${call.of}`, SpanKind.CLIENT, attributes, call.at, call.at + call.tookMs, call.failed);
    }
    if (error !== undefined) span.setStatus({ code: SpanStatusCode.ERROR, message: mask(error) });
    span.end(endMs);
  };
  const end = diagnostics.record.subscribe(origin, (record) => {
    if (record.message && isSampled(record.message)) tell(record.message, record);
  });
  return {
    stop: async () => {
      end();
      const late = new Promise<void>((resolve) => setTimeout(resolve, lastWordsMs).unref());
      await Promise.race([provider.shutdown().catch(() => undefined), late]);
    },
  };
};
