import { describe, expect, it } from "vitest";
import { acceptedHeaders } from "../../../client/accepted-header.js";
import { handBackOf, handedBackHeader } from "../../../engine/runtime/hand-back.js";
import { lineageOf } from "../../../processors/lineage-of.js";
import { createCodec } from "../../../schemas/codec.js";
import { CarillonError } from "../../../schemas/errors.js";
import type { LineageEvent } from "../../../schemas/generated.js";
import type { RecordType } from "../../../schemas/records.js";
import { dispatchCommand, lineageEvent, messageRequested } from "../../../schemas/records.js";
import { createDeliveryTestDriver } from "../../../service/delivery-test-driver.js";
import type { LogRecord } from "../../../stores/event-log/event-log.js";
import { emailTo, requestOf } from "../../support/requests.js";

const newer = new CarillonError("NEWER_RECORD", "later");
const record: LogRecord = {
  topic: "t",
  partition: 2,
  offset: 7,
  key: Buffer.from("acme:a@b.example"),
  value: Buffer.from([1, 2]),
  headers: { traceparent: Buffer.from("00-1") },
  timestampMs: 0,
};
const origin = { instance: "test" };
const bytesOf = (headers: Readonly<Record<string, Buffer | string>> = {}): Record<string, Buffer> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, Buffer.from(value)]));

describe("a record that only a later version can read", () => {
  it("goes round by other partitions, with growing pauses, its bytes and headers kept, until the time is over", () => {
    let now = 1_000;
    const clock = { now: () => now };
    const pauses: number[] = [];
    const keys = new Set<string>();
    let current = record;
    for (;;) {
      const timer = handBackOf(current, newer, { requeueTimeoutMs: 120_000, clock, origin });
      if (!timer) break;
      pauses.push(timer.dueAtMs - now);
      keys.add(timer.record.key);
      expect(timer.record.value).toEqual(record.value);
      expect(bytesOf(timer.record.headers)).toMatchObject({ traceparent: Buffer.from("00-1"), "carillon-origin": Buffer.from("t/2/7") });
      now = timer.dueAtMs;
      current = { ...current, key: Buffer.from(timer.record.key), offset: current.offset + 1, headers: bytesOf(timer.record.headers) };
    }
    expect(pauses).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
    expect([...keys]).toEqual(pauses.map((_, index) => `acme:a@b.example~${index + 1}`));
  });

  it("is handed back for no other error, and does not trust a header that is none of its own", () => {
    const options = { requeueTimeoutMs: 60_000, clock: { now: () => 5_000 }, origin };
    expect(handBackOf(record, new CarillonError("UNDECODABLE", "x"), options)).toBeUndefined();
    const odd = { ...record, headers: { [handedBackHeader]: Buffer.from("x;y") } };
    expect(handBackOf(odd, newer, options)?.record.headers?.[handedBackHeader]).toBe("1;5000");
  });
});

/** The schema with one more symbol in the enum of that name, as in a later version. */
const withSymbol = (schema: object, name: string, symbol: string): object =>
  JSON.parse(JSON.stringify(schema), (_key, part: { type?: string; name?: string; symbols?: string[] }) =>
    part?.type === "enum" && part.name === name ? { ...part, symbols: [...(part.symbols ?? []), symbol] } : part,
  ) as object;

describe("a worker of this version in a group with later ones", () => {
  const start = async () => {
    const driver = await createDeliveryTestDriver({ runtime: { requeueTimeoutMs: 60_000 } });
    /** Appends a record in the form of a later version's worker. */
    const appendAsLater = async (topic: string, type: RecordType<never>, enumName: string, value: object): Promise<void> => {
      const schema = withSymbol(type.schema, enumName, "webpush");
      const id = await driver.stores.registry.register(`${topic}-value`, schema);
      const codec = createCodec({ ...type, schema } as RecordType<object>, id, driver.stores.registry);
      await driver.stores.log.append([{ topic, key: "k", value: codec.encode(value), headers: { traceparent: "00-later" } }]);
    };
    return { driver, appendAsLater };
  };

  it.each([
    ["a stage", "carillon.dispatch.sms.high", dispatchCommand, "Channel", { channel: "webpush" }],
    ["a sink", "carillon.lineage", lineageEvent, "StageName", { stage: "webpush" }],
  ])(
    "hands back what %s cannot read, and keeps it as a dead letter once the time is over",
    async (_where, topic, type, enumName, later) => {
      const { driver, appendAsLater } = await start();
      const request = requestOf(emailTo("success"), driver.clock.now());
      await driver.pipe(driver.assembly.families.requests, request);
      const family = topic === "carillon.lineage" ? driver.assembly.families.lineage : driver.assembly.families.dispatch;
      const [known] = await driver.read(family as never);
      await appendAsLater(topic, type as never, enumName, { ...(known as object), ...later });
      await driver.advance(10_000);
      expect(await driver.read(driver.assembly.families.deadLetters)).toEqual([]);
      expect(await driver.stores.timers.pending()).toBeGreaterThan(0);
      const rounds = (await driver.stores.log.scan(topic, 100)).filter(({ headers }) => headers[handedBackHeader]);
      expect(rounds.length).toBeGreaterThanOrEqual(2);
      expect(rounds.every(({ headers }) => headers.traceparent?.toString() === "00-later")).toBe(true);
      await driver.advance(120_000);
      const letters = await driver.read(driver.assembly.families.deadLetters);
      expect(letters).toMatchObject([{ errorCode: "NEWER_RECORD", errorMessage: expect.stringContaining("webpush") }]);
    },
  );

  it("leaves the steps of a channel that it does not know to a later version, and keeps those of a request that it refused", async () => {
    const { driver } = await start();
    const { families } = driver.assembly;
    const stepOf = (messageId: string, stage: LineageEvent["stage"], more: Partial<LineageEvent> = {}) =>
      lineageOf(
        { now: driver.clock.now, instance: "later" },
        { messageId, tenant: "acme", channel: "webpush", lane: "high" },
        { stage, outcome: "ok", attempt: 0, ...more },
      );
    await driver.pipe(families.lineage, stepOf("later", "dispatch", { status: "dispatched", attempt: 1 }));
    await driver.pipe(families.lineage, stepOf("refused", "validate", { status: "failed", reason: "unknown_channel" }));
    await driver.pipe(families.lineage, stepOf("refused", "webhook"));
    await driver.advance(10_000);
    expect(await driver.lineage("later")).toBeUndefined();
    expect(await driver.lineage("refused")).toMatchObject({ status: "failed", lineage: [{ stage: "validate" }, { stage: "webhook" }] });
    await driver.advance(120_000);
    expect(await driver.read(families.deadLetters)).toMatchObject([
      { errorCode: "NEWER_RECORD", errorMessage: expect.stringContaining("webpush") },
    ]);
  });

  it("hands back a request for a channel that a later version accepted, and refuses it from anybody else", async () => {
    const { driver } = await start();
    const { families, codecs } = driver.assembly;
    const request = { ...requestOf(emailTo("success"), driver.clock.now()), channel: "webpush" };
    const value = codecs.of(families.requests).encode(request as never);
    const topic = "carillon.requests.normal";
    await driver.stores.log.append([{ topic, key: messageRequested.key(request as never), value, headers: acceptedHeaders }]);
    await driver.advance(5_000);
    expect(await driver.lineage(request.id)).toBeUndefined();
    expect(await driver.stores.timers.pending()).toBe(1);
    const foreign = codecs.of(families.requests).encode({ ...request, id: "foreign" } as never);
    await driver.stores.log.append([{ topic, key: "k", value: foreign }]);
    await driver.advance(1_000);
    expect(await driver.lineage("foreign")).toMatchObject({ status: "failed", reason: "unknown_channel" });
  });
});
