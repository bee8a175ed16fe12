import { beforeEach, describe, expect, it } from "vitest";
import { createDispatch } from "../../processors/dispatch.js";
import type { DetachedWork } from "../../processors/dispatch-dependencies.js";
import type { DispatchPorts } from "../../processors/dispatch-ports.js";
import type { Provider, SendOutcome } from "../../processors/provider.js";
import type { Place, Wait } from "../../processors/routing.js";
import { createVirtualClock } from "../../stores/virtual-clock.js";
import { commandTo } from "../support/commands.js";
import { madeOf } from "../support/made-of.js";
import { memoryPorts, policyWith, stageContext } from "../support/stage-context.js";

describe("dispatch", () => {
  const clock = createVirtualClock();
  const command = commandTo("sms", "+14155550100", { acceptedAt: clock.now(), expiresAt: clock.now() + 3_600_000 });
  const key = `claim:${command.messageId}:1`;
  let ports = memoryPorts(clock);
  let answer: () => Promise<SendOutcome>;
  let room: Place | Wait;
  let left: (SendOutcome | undefined)[] = [];
  let sends = 0;
  let cameBack: number[] = [];
  let tooSlow = false;

  const provider: Provider = {
    name: "sandbox",
    channel: "sms",
    send: () => {
      sends += 1;
      return answer();
    },
    healthCheck: async () => "fine",
    close: async () => undefined,
  };
  const detachedWork: DetachedWork = {
    within: async (work) => (tooSlow ? undefined : work),
    returnToTopic: async (_command, dueAtMs) => void cameBack.push(dueAtMs),
    keep: (work) => void work.catch(() => undefined),
  };
  const routing = { choose: () => room, hasAnother: () => false, receiptCame: () => undefined };
  const stageWith = (overrides: Readonly<Record<string, unknown>> = {}) =>
    createDispatch({ ...ports, policy: policyWith(overrides), routing, detachedWork, run: "test." });
  const dispatch = async (stage = stageWith(), given = command) => {
    const { context, ...noted } = stageContext<DispatchPorts>({}, clock);
    return { verdict: await madeOf(stage.process(given, context)), ...noted };
  };

  beforeEach(() => {
    ports = memoryPorts(clock);
    answer = async () => ({ kind: "delivered", providerMessageId: "r-1" });
    [left, sends, cameBack, tooSlow] = [[], 0, [], false];
    room = { provider, leave: (outcome) => void left.push(outcome) };
  });

  it("calls the provider once, records the outcome with the claim, and leaves the place", async () => {
    const { verdict, emitted } = await dispatch();
    expect(verdict).toMatchObject({ kind: "delivered", command: { provider: "sandbox" } });
    expect(emitted.lineage).toMatchObject([{ stage: "dispatch", outcome: "ok", provider: "sandbox" }]);
    expect(JSON.parse((await ports.claims.recorded(key)) ?? "")).toMatchObject({ provider: "sandbox", outcome: { kind: "delivered" } });
    expect(left[0]).toMatchObject({ kind: "delivered" });
  });

  it("tells a redelivered command what came of its call, without another", async () => {
    const first = await dispatch();
    const again = await dispatch();
    expect(sends).toBe(1);
    expect(again.emitted).toEqual(first.emitted);
    expect(again.verdict).toEqual({ ...first.verdict, command });
  });

  it("asks for receipts of what was taken, by the provider's id", async () => {
    answer = async () => ({ kind: "accepted", providerMessageId: "r-1" });
    const { verdict, scheduled } = await dispatch();
    expect(verdict).toBeUndefined();
    expect(await ports.cache.resolve("sandbox", "r-1")).toMatchObject({ messageId: command.messageId, attempt: 1 });
    expect(scheduled).toMatchObject([{ id: `deadline:${command.messageId}:1` }]);
  });

  it("takes a call that throws as ambiguous", async () => {
    answer = () => Promise.reject(new Error("socket hang up"));
    expect((await dispatch()).verdict).toMatchObject({ kind: "retry", reason: "provider_unavailable", receipt: { event: "ambiguous" } });
  });

  it("sets a message aside while no provider takes it, without an attempt or a claim", async () => {
    const untilMs = clock.now() + 5_000;
    room = { reason: "provider_throttled", detail: "the account's rate", untilMs };
    const { emitted, scheduled } = await dispatch();
    expect(emitted.lineage).toMatchObject([{ outcome: "deferred", reason: "provider_throttled" }]);
    expect(scheduled).toMatchObject([{ port: "dispatch", id: `again:${command.messageId}:1`, dueAtMs: untilMs }]);
    expect(await ports.claims.claim(key, "another", 1_000, 1_000)).toEqual({ state: "won" });
  });

  it("ends what has expired before it was sent", async () => {
    const { verdict, emitted } = await dispatch(stageWith(), { ...command, expiresAt: clock.now() });
    expect([verdict, sends]).toEqual([undefined, 0]);
    expect(emitted.feedback).toMatchObject([{ status: "expired", reason: "expired_before_send", attempt: 0 }]);
  });

  it.each([
    ["claims it again in its place", 2, 1, 0],
    ["returns it, if that happens again and again", 3, 0, 1],
  ])("of an attempt whose worker was suspended between claim and call: %s", async (_, suspensions, calls, returned) => {
    const { claims } = ports;
    let left = suspensions;
    const claimAll: typeof claims.claimAll = async (requests) => {
      const claimed = await claims.claimAll(requests);
      left -= 1;
      if (left >= 0) clock.advance(6_000);
      return claimed;
    };
    ports = { ...ports, claims: { ...claims, claimAll } };
    const { scheduled } = await dispatch();
    expect([sends, scheduled.length]).toEqual([calls, returned]);
  });

  it("comes back when the lease of another worker's claim ends", async () => {
    await ports.claims.claim(key, "another", 9_000, 60_000);
    const { scheduled } = await dispatch();
    expect([sends, scheduled]).toMatchObject([0, [{ id: `again:${command.messageId}:1`, dueAtMs: clock.now() + 9_000 }]]);
  });

  it.each([
    ["resend", 1, "resent"],
    ["hold", 0, "held"],
  ])("of a claim whose worker died: %s", async (onAmbiguous, calls, outcome) => {
    await ports.claims.claim(key, "dead", 1_000, 60_000);
    clock.advance(1_001);
    const { emitted } = await dispatch(stageWith({ lanes: { normal: { onAmbiguous } } }));
    expect(sends).toBe(calls);
    expect(emitted.lineage?.[0]).toMatchObject({ outcome, reason: "ambiguous_send" });
  });

  it.each(["resend", "hold"])("sends an attempt once whose claim was granted, but not answered: %s", async (onAmbiguous) => {
    let isLost = true;
    const { claimAll } = ports.claims;
    const losing: typeof claimAll = async (requests) => {
      const claims = await claimAll(requests);
      if (isLost) throw new Error("the connection was reset");
      return claims;
    };
    const policy = policyWith({ lanes: { normal: { onAmbiguous } } });
    const stage = createDispatch({ ...ports, claims: { ...ports.claims, claimAll: losing }, policy, routing, detachedWork, run: "test." });
    await expect(dispatch(stage)).rejects.toThrow("reset");
    isLost = false;
    const { emitted } = await dispatch(stage);
    expect(sends).toBe(1);
    expect(emitted.lineage?.map(({ reason }) => reason)).not.toContain("ambiguous_send");
  });

  it("sends no further attempt of a message that has ended", async () => {
    await ports.claims.decide(`final:${command.messageId}`, "delivered:receipt-1", 60_000);
    const { verdict, emitted } = await dispatch(stageWith(), { ...command, attempt: 2 });
    expect([verdict, sends]).toEqual([undefined, 0]);
    expect(emitted.lineage).toMatchObject([{ outcome: "superseded" }]);
  });

  it("waits for a slow call beside the partition, and has the command come back after it, or at the lease's end", async () => {
    tooSlow = true;
    const { verdict, emitted } = await dispatch();
    await new Promise(setImmediate);
    expect([verdict, emitted]).toEqual([undefined, {}]);
    expect(cameBack).toEqual([clock.now() + policyWith().sendTimeoutMs + 5_000, 0]);
  });

  it("survives a slow call whose outcome cannot be recorded before its command has returned", async () => {
    const unhandled: unknown[] = [];
    const note = (reason: unknown): void => void unhandled.push(reason);
    process.on("unhandledRejection", note);
    let returned: () => void = () => undefined;
    const completeAll = () => Promise.reject(new Error("connection reset"));
    const stage = createDispatch({
      ...ports,
      claims: { ...ports.claims, completeAll },
      policy: policyWith(),
      routing,
      detachedWork: {
        within: async () => undefined,
        returnToTopic: () => new Promise<void>((resolve) => (returned = resolve)),
        keep: (work) => void work.catch(() => undefined),
      },
      run: "test.",
    });
    const dispatched = dispatch(stage);
    for (let turn = 0; turn < 5; turn += 1) await new Promise(setImmediate);
    returned();
    expect((await dispatched).verdict).toBeUndefined();
    process.off("unhandledRejection", note);
    expect(unhandled).toEqual([]);
  });

  it("does not send where its claim was not used in time", async () => {
    const slow = { ...routing, choose: () => room };
    const stage = createDispatch({
      ...ports,
      cache: {
        ...ports.cache,
        putAll: async (messages) => {
          clock.advance(5_001);
          return messages;
        },
      },
      policy: policyWith(),
      routing: slow,
      detachedWork,
      run: "test.",
    });
    const { scheduled } = await dispatch(stage);
    expect([sends, scheduled]).toMatchObject([0, [{ id: `again:${command.messageId}:1`, dueAtMs: clock.now() }]]);
    expect(left).toContain(undefined);
  });
});
