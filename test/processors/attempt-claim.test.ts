import { expect, it } from "vitest";
import { drive } from "../../engine/ask.js";
import { claimAttempt, keepMsOf, leaseMsOf, OwnAttempts } from "../../processors/attempt-claim.js";
import { createVirtualClock } from "../../stores/virtual-clock.js";
import { commandTo } from "../support/commands.js";
import { memoryPorts, policyWith } from "../support/stage-context.js";

const clock = createVirtualClock();
const policy = policyWith({ delivery: { sendTimeoutMs: 10_000 }, channels: { sms: { receiptDeadlineMs: 60_000 } } });
const command = commandTo("sms", "+14155550100", { expiresAt: clock.now() + 1_000 });
const by = (instance: string) => ({ instance, nowMs: clock.now(), stored: null });

it("a claim lasts longer than the call that it guards, and is kept until no receipt can come", () => {
  expect(leaseMsOf(policy)).toBe(15_000);
  expect(keepMsOf(command, policy, clock.now())).toBe(1_000 + 60_000 + policy.keepMs);
  expect(keepMsOf({ ...command, expiresAt: 0 }, policy, clock.now())).toBe(60_000 + policy.keepMs);
});

it("one worker wins an attempt, and the message is kept for its receipts", async () => {
  const ports = memoryPorts(clock);
  expect(await drive(claimAttempt(command, by("a"), { ...ports, policy }, new OwnAttempts()))).toEqual({ state: "won" });
  expect(await drive(claimAttempt(command, by("b"), { ...ports, policy }, new OwnAttempts()))).toMatchObject({ state: "held" });
  expect(await ports.codec.decode((await ports.cache.get(command.messageId)) ?? null)).toEqual(command);
});

it("a claim that this process did not use is won again; another's is taken over", async () => {
  const ports = memoryPorts(clock);
  const own = new OwnAttempts();
  await drive(claimAttempt(command, by("a"), { ...ports, policy }, own));
  own.leaveUnused(`claim:${command.messageId}:1`);
  expect(await drive(claimAttempt(command, by("a"), { ...ports, policy }, own))).toEqual({ state: "won" });
  expect(await drive(claimAttempt(command, by("a"), { ...ports, policy }, own))).toEqual({ state: "taken_over", from: "a" });
});

it("a message that cannot be kept fails the attempt, whose claim counts as unused", async () => {
  const ports = memoryPorts(clock);
  const own = new OwnAttempts();
  const broken = { ...ports.cache, putAll: () => Promise.reject(new Error("the cache is away")) };
  await expect(drive(claimAttempt(command, by("a"), { ...ports, cache: broken, policy }, own))).rejects.toThrow("the cache is away");
  expect(await drive(claimAttempt(command, by("a"), { ...ports, policy }, own))).toEqual({ state: "won" });
});
