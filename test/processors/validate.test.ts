import { describe, expect, it } from "vitest";
import { noTenantRules } from "../../access/tenant-rules.js";
import { acceptedHeader } from "../../client/accepted-header.js";
import { noTimes } from "../../client/times.js";
import type { RecordInfo } from "../../engine/stage.js";
import type { ConclusionPorts } from "../../processors/conclude.js";
import { createValidate, requestKeepMsOf } from "../../processors/validate.js";
import type { MessageRequested } from "../../schemas/generated.js";
import { createVirtualClock } from "../../stores/virtual-clock.js";
import { madeOf } from "../support/made-of.js";
import { emailTo, requestOf } from "../support/requests.js";
import { memoryPorts, policyWith, stageContext } from "../support/stage-context.js";

describe("validate", () => {
  const clock = createVirtualClock();
  const policy = policyWith();
  const request = (more: Partial<MessageRequested> = {}) => requestOf(emailTo("success"), clock.now(), { id: "m-1", ...more });
  const validate = async (given: MessageRequested, { claims } = memoryPorts(clock), record: Partial<RecordInfo> = {}) => {
    const { context, ...noted } = stageContext<ConclusionPorts>(record, clock);
    return { valid: await madeOf(createValidate({ claims, policy, rulesOf: noTenantRules }).process(given, context)), ...noted };
  };

  it("a request that passes goes on, accepted and validated in its lineage", async () => {
    const { valid, emitted, messages } = await validate(request());
    expect(valid).toMatchObject({
      subject: { messageId: "m-1", tenant: "acme", lane: "normal" },
      message: { to: "success@sandbox.carillon.test" },
    });
    expect(emitted.lineage).toMatchObject([
      { stage: "accept", outcome: "accepted", to: "success@sandbox.carillon.test" },
      { stage: "validate", outcome: "ok" },
    ]);
    expect([emitted.feedback, messages]).toEqual([undefined, ["m-1"]]);
  });

  it("the same record again goes on; another of the same id is a duplicate and ends", async () => {
    const ports = memoryPorts(clock);
    await validate(request(), ports);
    expect((await validate(request(), ports)).valid).toBeDefined();
    const twice = await validate(request(), ports, { origin: "carillon.requests.high/0/8" });
    expect(twice.valid).toBeUndefined();
    expect(twice.emitted).toMatchObject({ lineage: [{ outcome: "duplicate", reason: "duplicate_request" }] });
    expect(twice.emitted.feedback).toBeUndefined();
  });

  it("another content under the same idempotency key is told to its sender", async () => {
    const ports = memoryPorts(clock);
    const keyed = request({ idempotencyKey: "order-7" });
    await validate(keyed, ports);
    const other = { ...keyed, content: { ...keyed.content, text: "another text" } };
    const { emitted } = await validate(other, ports, { origin: "carillon.requests.high/0/8" });
    expect(emitted.feedback).toMatchObject([{ kind: "engagement", status: "duplicate", reason: "idempotency_conflict" }]);
  });

  it("every mistake is named with its field, and the worst gives the reason", async () => {
    const { valid, emitted } = await validate(request({ to: "nobody", lane: "urgent" }));
    expect(valid).toBeUndefined();
    const end = emitted.lineage?.at(-1);
    expect(end).toMatchObject({ stage: "validate", outcome: "failed", status: "failed" });
    expect(Object.keys(end?.details ?? {}).sort()).toEqual(["lane", "to"]);
    expect(emitted.feedback).toMatchObject([{ status: "failed", reason: end?.reason }]);
  });

  it("what has expired ends as expired", async () => {
    const { valid, emitted } = await validate(request({ expiresAt: clock.now() - 1 }));
    expect([valid, emitted.feedback]).toMatchObject([undefined, [{ status: "expired", reason: "expired_before_send" }]]);
  });

  it("names that no other record can carry make a dead letter", async () => {
    await expect(validate(request({ tenant: "x".repeat(513) }))).rejects.toMatchObject({ code: "UNDECODABLE" });
  });

  it("an unknown lane is left to a later version where one has accepted the request", async () => {
    const headers = { [acceptedHeader]: Buffer.from("1") };
    await expect(validate(request({ lane: "urgent" }), memoryPorts(clock), { headers })).rejects.toMatchObject({ code: "NEWER_RECORD" });
  });

  it("a request without an id gets one from its key, or from its place in the log", async () => {
    const idOf = async (more: Partial<MessageRequested>, origin = "t/0/1") =>
      (await validate(request({ id: "", ...more }), memoryPorts(clock), { origin })).valid?.subject.messageId;
    expect(await idOf({ idempotencyKey: "k" })).toBe(await idOf({ idempotencyKey: "k" }, "t/0/2"));
    expect(await idOf({})).not.toBe(await idOf({}, "t/0/2"));
    expect(await idOf({})).toBe(await idOf({}));
  });

  it("a foreign clock that is ahead does not count", async () => {
    const { valid } = await validate(request({ acceptedAt: clock.now() + 86_400_000 }), memoryPorts(clock), {
      timestampMs: clock.now() - 5,
    });
    expect(valid?.acceptedAtMs).toBe(clock.now() - 5);
  });

  it("a request is remembered until it can no longer be sent", () => {
    const nowMs = clock.now();
    expect(requestKeepMsOf({ ...noTimes, expiresAt: nowMs + 60_000 }, policy, nowMs)).toBe(60_000 + policy.stateRetentionMs);
    const longest = Math.max(...Object.values(policy.channels).map(({ expiresAfterMs }) => expiresAfterMs));
    expect(requestKeepMsOf(noTimes, policy, nowMs)).toBe(longest + policy.stateRetentionMs);
    expect(requestKeepMsOf({ ...noTimes, notBefore: nowMs + 60_000 }, policy, nowMs)).toBe(60_000 + longest + policy.stateRetentionMs);
  });
});
