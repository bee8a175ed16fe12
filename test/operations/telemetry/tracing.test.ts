import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createLogger } from "../../../operations/telemetry/logger.js";
import { type Carillon, startCarillon } from "../../../service/carillon.js";
import { loadConfig } from "../../../service/load-config.js";
import { eventually } from "../../support/eventually.js";
import { answerJson, startHttpPeer } from "../../support/http-peer.js";
import { scratchFolder } from "../../support/scratch.js";

interface ExportedSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: number;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly links?: readonly { readonly traceId: string; readonly spanId: string }[];
  readonly attributes: readonly { readonly key: string; readonly value: { readonly stringValue?: string; readonly intValue?: number } }[];
  readonly status: { readonly code?: number };
}

interface Export {
  readonly resourceSpans: readonly { readonly scopeSpans: readonly { readonly spans: readonly ExportedSpan[] }[] }[];
}

const attributeOf = (span: ExportedSpan, name: string) => {
  const value = span.attributes.find(({ key }) => key === name)?.value;
  return value?.stringValue ?? value?.intValue;
};

describe("traces", () => {
  const folder = scratchFolder();
  let collector: Awaited<ReturnType<typeof startHttpPeer>>;
  let carillon: Carillon;

  beforeAll(async () => {
    collector = await startHttpPeer(answerJson(200, {}));
    const environment = { CARILLON_DATA_DIR: folder.path, CARILLON_TRACING_URL: `${collector.url}/v1/traces`, KEY: "collector-key" };
    const overrides = {
      http: { port: 0 },
      channels: { email: { retry: { baseMs: 50 } } },
      tracing: { headers: { "x-api-key": "collector-key" } },
    };
    carillon = await startCarillon({ config: loadConfig({ environment, overrides }), logger: createLogger("error", "test") });
  });
  afterAll(async () => {
    await carillon.stop();
    await collector.stop();
    folder.remove();
  });

  const spansOf = (traceId: string): ExportedSpan[] =>
    collector.calls
      .flatMap(({ body }) => (JSON.parse(body) as Export).resourceSpans)
      .flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans))
      .filter((span) => span.traceId === traceId);

  const send = async (headers: Readonly<Record<string, string>>, to: string): Promise<string> => {
    const response = await fetch(`${carillon.url}/v1/messages`, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify({ channel: "email", to, content: { subject: "Hello", text: "Hi" } }),
    });
    return ((await response.json()) as { id: string }).id;
  };

  const [traceId, sender] = ["0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"];

  it("follow a message from its sender through every stage, call, retry and receipt", async () => {
    await send({ traceparent: `00-${traceId}-${sender}-01` }, "flaky@sandbox.carillon.test");
    const spans = await eventually(
      () => spansOf(traceId),
      (found) => found.some(({ name }) => name === "process respond"),
      20_000,
    );
    const named = (name: string): ExportedSpan[] => spans.filter((span) => span.name === name);
    const [intake] = named("process intake");
    expect(intake?.parentSpanId).toBe(sender);
    for (const stage of ["validate", "enrich", "route"])
      expect(named(stage).map(({ parentSpanId }) => parentSpanId)).toEqual([intake?.spanId]);
    const attempts = named("process dispatch").sort(
      (a, b) => Number(attributeOf(a, "carillon.attempt")) - Number(attributeOf(b, "carillon.attempt")),
    );
    expect(attempts.map((span) => attributeOf(span, "carillon.attempt"))).toEqual([1, 2, 3]);
    expect(attempts.map(({ parentSpanId }) => parentSpanId)).toEqual([intake?.spanId, intake?.spanId, intake?.spanId]);
    expect(attempts.map(({ links = [] }) => links.map(({ spanId }) => spanId))).toEqual([[], [attempts[0]?.spanId], [attempts[1]?.spanId]]);
    const calls = named("send by sandbox");
    expect(calls.map(({ parentSpanId, status }) => [parentSpanId, status.code ?? 0])).toEqual([
      [attempts[0]?.spanId, 2],
      [attempts[1]?.spanId, 2],
      [attempts[2]?.spanId, 0],
    ]);
    expect(named("process respond")[0]?.parentSpanId).toBe(attempts[2]?.spanId);
    for (const { startTimeUnixNano, endTimeUnixNano } of spans) expect(BigInt(endTimeUnixNano) >= BigInt(startTimeUnixNano)).toBe(true);
    expect(collector.calls.every(({ headers }) => headers["x-api-key"] === "collector-key")).toBe(true);
  });

  it("begin with the message where its sender has none, and are not kept where its sender keeps none", async () => {
    const unsampled = "1af7651916cd43dd8448eb211c80319c";
    await send({ traceparent: `00-${unsampled}-${sender}-00` }, "success@sandbox.carillon.test");
    const id = await send({ traceparent: "nonsense" }, "success@sandbox.carillon.test");
    const roots = await eventually(
      () =>
        collector.calls
          .flatMap(({ body }) => (JSON.parse(body) as Export).resourceSpans)
          .flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans))
          .filter((span) => attributeOf(span, "messaging.message.id") === id && span.name === "process intake"),
      (found) => found.length > 0,
      20_000,
    );
    expect(roots[0]?.parentSpanId ?? "").toBe("");
    expect(spansOf(unsampled)).toEqual([]);
  });
});
