import avro from "avsc";
import { beforeEach, describe, expect, it } from "vitest";
import { MessageRequestedSchema } from "../../schemas/generated.js";
import { createDeliveryTestDriver, type DeliveryTestDriver } from "../../service/delivery-test-driver.js";
import { emailTo, requestOf } from "../support/requests.js";

/** Longs of any size, as written by producers in other languages. */
const anyLong = avro.types.LongType.__with({
  fromBuffer: (buffer: Buffer) => buffer.readBigInt64LE(),
  toBuffer: (value: number | bigint) => {
    const buffer = Buffer.alloc(8);
    buffer.writeBigInt64LE(BigInt(value));
    return buffer;
  },
  fromJSON: (value: number) => BigInt(value),
  toJSON: (value: bigint) => String(value),
  isValid: (value: unknown) => typeof value === "bigint" || typeof value === "number",
  compare: (one: bigint, other: bigint) => (one < other ? -1 : one > other ? 1 : 0),
});

describe("a request that a foreign producer writes", () => {
  let driver: DeliveryTestDriver;
  beforeEach(async () => {
    driver = await createDeliveryTestDriver({
      templates: { order: { email: { subject: "Order", text: "{% for item in items %}{{ item.name }} {% endfor %}for {{ user.name }}" } } },
    });
  });
  const request = (more: object = {}) => ({ ...requestOf(emailTo("success"), driver.clock.now()), ...more });
  const codec = () => driver.assembly.codecs.of(driver.assembly.families.requests);
  const failedFields = async (id: string): Promise<string[]> => {
    const document = await driver.lineage(id);
    expect(document).toMatchObject({ status: "failed", reason: "invalid_request", final: true });
    expect(await driver.read(driver.assembly.families.feedback)).toMatchObject([{ messageId: id, kind: "final", status: "failed" }]);
    return Object.keys(document?.lineage.at(-1)?.details ?? {});
  };

  it.each([
    ["2^62", 2n ** 62n],
    ["-2^63", -(2n ** 63n)],
    ["2^53 + 1", 2n ** 53n + 1n],
    ["seconds", 1_893_456_000n],
    ["zero", 0n],
  ])("with a time of %s fails with its id and feedback", async (_what, value) => {
    const type = avro.Type.forSchema(MessageRequestedSchema as unknown as avro.Schema, { registry: { long: anyLong } });
    for (const field of ["expiresAt", "notBefore"]) {
      const one = request();
      const body = type.toBuffer({ ...one, [field]: value });
      await driver.pipeBytes("requests.normal", Buffer.concat([codec().encode(one).subarray(0, 5), body]));
      expect(await failedFields(one.id)).toEqual([field]);
    }
  });

  it("with an acceptedAt of its own invention counts as accepted when its record came", async () => {
    for (const acceptedAt of [1_700_000_000, 250_000_000_000_000, -5]) {
      const one = request({ acceptedAt });
      await driver.pipe(driver.assembly.families.requests, one);
      await driver.advance(1_000);
      expect(await driver.lineage(one.id)).toMatchObject({ status: "delivered" });
      const at = (await driver.lineage(one.id))?.acceptedAt.getTime() ?? 0;
      expect(Math.abs(driver.clock.now() - at)).toBeLessThan(60_000);
    }
  });

  it.each([
    ["a text", { content: { subject: "s", text: "caf@@", html: null, title: null, data: {}, attachments: [] } }, "content.text"],
    ["metadata", { metadata: { where: "caf@@" } }, "metadata.where"],
    ["a name in metadata", { metadata: { "caf@@": "where" } }, "metadata"],
    ["a variable", { template: "order", variables: { name: "caf@@" } }, "variables.name"],
    ["the idempotency key", { idempotencyKey: "caf@@" }, "idempotencyKey"],
  ])("with bytes in %s that are not UTF-8 fails naming the field, and nothing is sent", async (_where, more, field) => {
    const one = request(more);
    const bytes = codec().encode({ ...one, content: { ...request().content, ...one.content } });
    const at = bytes.indexOf("@@");
    expect(at).toBeGreaterThan(0);
    bytes.set([0xe9, 0xe9], at);
    await driver.pipeBytes("requests.normal", bytes);
    expect(await failedFields(one.id)).toEqual([field]);
    expect(driver.delivered).toEqual([]);
  });

  it("may hold U+FFFD itself", async () => {
    const one = request({ metadata: { where: "caf\ufffd" } });
    await driver.pipe(driver.assembly.families.requests, one);
    await driver.advance(1_000);
    expect(await driver.lineage(one.id)).toMatchObject({ status: "delivered" });
  });

  it("may carry lists and maps for its template as JSON", async () => {
    const variablesJson = JSON.stringify({ items: [{ name: "Tea" }, { name: "Milk" }], user: { name: "Ann" } });
    const one = request({ template: "order", variables: { user: "Bob" }, variablesJson });
    await driver.pipe(driver.assembly.families.requests, one);
    await driver.advance(1_000);
    expect(driver.delivered).toMatchObject([{ content: { subject: "Order", text: "Tea Milk for Ann" } }]);
  });

  it.each([
    ["no JSON", "{"],
    ["a list", "[1]"],
    ["a text", '"x"'],
    ["null", "null"],
    ["too deep a list", JSON.stringify({ a: [[[[[[[[[[1]]]]]]]]]] })],
  ])("whose variables are %s fails naming them", async (_what, variablesJson) => {
    const one = request({ template: "order", variablesJson });
    await driver.pipe(driver.assembly.families.requests, one);
    expect((await failedFields(one.id))[0]).toMatch(/^variables/);
  });

  it("with more metadata than allowed fails, and its feedback gives back none of it", async () => {
    const one = request({ metadata: { big: "x".repeat(850_000) } });
    await driver.pipe(driver.assembly.families.requests, one);
    const [feedback] = await driver.read(driver.assembly.families.feedback);
    expect(feedback).toMatchObject({ messageId: one.id, status: "failed", reason: "invalid_request", metadata: {} });
  });

  it("with names as long as a record fails or is kept as a dead letter, and nothing large follows from it", async () => {
    const long = "x".repeat(500_000);
    for (const more of [{ channel: long }, { to: long }, { lane: long }, { template: long }, { from: long }, { idempotencyKey: long }]) {
      const one = request(more);
      await driver.pipe(driver.assembly.families.requests, one);
      expect((await driver.lineage(one.id))?.status, Object.keys(more)[0]).toBe("failed");
    }
    for (const more of [{ id: long }, { tenant: long }]) await driver.pipe(driver.assembly.families.requests, request(more));
    expect(await driver.read(driver.assembly.families.deadLetters)).toHaveLength(2);
    for (const family of [driver.assembly.families.lineage, driver.assembly.families.feedback])
      for (const value of await driver.read<object>(family as never)) expect(JSON.stringify(value).length).toBeLessThan(20_000);
  });

  it("can be read by a reader that knows nothing of nested variables", () => {
    const { fields } = MessageRequestedSchema as unknown as { fields: { name: string }[] };
    const older = { ...MessageRequestedSchema, fields: fields.filter(({ name }) => name !== "variablesJson") };
    const [reader, writer] = [older, MessageRequestedSchema].map((schema) => avro.Type.forSchema(schema as unknown as avro.Schema));
    if (!reader || !writer) throw new Error("no schemas");
    const bytes = writer.toBuffer(request({ variables: { a: 1 }, variablesJson: '{"b":[1]}' }));
    expect(reader.fromBuffer(bytes, reader.createResolver(writer))).toMatchObject({ variables: { a: 1 } });
  });
});

describe("requests with one idempotency key", () => {
  const start = async () => {
    const driver = await createDeliveryTestDriver();
    const key = "order-7";
    const send = async (more: object = {}): Promise<string> => {
      const one = requestOf({ ...emailTo("success"), idempotencyKey: key, ...more }, driver.clock.now());
      await driver.pipe(driver.assembly.families.requests, one);
      return one.id;
    };
    const notes = async () =>
      (await driver.read(driver.assembly.families.feedback))
        .filter(({ kind }) => kind !== "final")
        .map(({ status, reason }) => [status, reason]);
    return { driver, send, notes };
  };

  it("and the same content are one message, and nothing is said", async () => {
    const { driver, send, notes } = await start();
    const id = await send();
    await send({ lane: "normal", metadata: {} });
    await driver.advance(1_000);
    expect(driver.delivered).toHaveLength(1);
    expect((await driver.lineage(id))?.lineage.find(({ outcome }) => outcome === "duplicate")).toMatchObject({
      reason: "duplicate_request",
    });
    expect(await notes()).toEqual([]);
  });

  it("and other content are one message, and lineage and feedback say that the second differed", async () => {
    const { driver, send, notes } = await start();
    const id = await send();
    expect(await send({ to: "delivered@sandbox.carillon.test", content: { subject: "Other", text: "Other" } })).toBe(id);
    await driver.advance(1_000);
    expect(driver.delivered).toHaveLength(1);
    const document = await driver.lineage(id);
    expect(document).toMatchObject({ status: "delivered" });
    expect(document?.lineage.find(({ outcome }) => outcome === "duplicate")).toMatchObject({ reason: "idempotency_conflict" });
    expect(await notes()).toEqual([["duplicate", "idempotency_conflict"]]);
  });

  it("differ also where the first failed its checks", async () => {
    const { driver, send, notes } = await start();
    const wrong = requestOf({ ...emailTo("success"), idempotencyKey: "order-7" }, driver.clock.now(), { to: "nobody" });
    await driver.pipe(driver.assembly.families.requests, wrong);
    await send();
    expect(await notes()).toEqual([["duplicate", "idempotency_conflict"]]);
  });

  it("of two tenants are two messages", async () => {
    const { driver, send } = await start();
    await send({ tenant: "acme" });
    await send({ tenant: "beta", content: { subject: "Other", text: "Other" } });
    await driver.advance(1_000);
    expect(driver.delivered).toHaveLength(2);
  });
});
