import { expect, it } from "vitest";
import { drive } from "../../engine/ask.js";
import { claimAttempt, isRepeatedTooOften, keepMsOf, leaseMsOf, OwnAttempts } from "../../processors/attempt-claim.js";
import { createVirtualClock } from "../../stores/virtual-clock.js";
import { commandTo } from "../support/commands.js";
import { memoryPorts, policyWith } from "../support/stage-context.js";

const clock = createVirtualClock();
const policy = policyWith({ delivery: { sendTimeoutMs: 10_000 }, channels: { sms: { receiptDeadlineMs: 60_000 } } });
const command = commandTo("sms", "+14155550100", { expiresAt: clock.now() + 1_000 });
const key = `claim:${command.messageId}:1`;
const by = (instance: string, own = new OwnAttempts(`${instance}.`)) => ({
  instance,
  nowMs: clock.now(),
  nonce: own.nonceOf(key),
  stored: null,
});

it("a claim lasts longer than the call that it guards, and is kept until no receipt can come", () => {
  expect(leaseMsOf(policy)).toBe(15_000);
  expect(keepMsOf(command, policy, clock.now())).toBe(1_000 + 60_000 + policy.stateRetentionMs);
  expect(keepMsOf({ ...command, expiresAt: 0 }, policy, clock.now())).toBe(60_000 + policy.stateRetentionMs);
});

it("one worker wins an attempt, and the message is kept for its receipts", async () => {
  const ports = memoryPorts(clock);
  expect(await drive(claimAttempt(command, by("a"), { ...ports, policy }))).toEqual({ state: "won" });
  expect(await drive(claimAttempt(command, by("b"), { ...ports, policy }))).toMatchObject({ state: "held" });
  expect(await ports.codec.decode((await ports.cache.get(command.messageId)) ?? null)).toEqual(command);
});

it("a claim that this process did not use is won again; a used one is taken over", async () => {
  const ports = memoryPorts(clock);
  const own = new OwnAttempts("a.");
  const claim = () => drive(claimAttempt(command, by("a", own), { ...ports, policy }));
  expect(await claim()).toEqual({ state: "won" });
  expect(await claim()).toEqual({ state: "won" });
  own.settle(key);
  expect(await claim()).toEqual({ state: "taken_over", from: "a" });
});

it("a claim whose answer was lost is won by the same process, and taken over by a later run of it", async () => {
  const ports = memoryPorts(clock);
  const own = new OwnAttempts("first run.");
  const losing = {
    ...ports.claims,
    claimAll: async (...requests: Parameters<typeof ports.claims.claimAll>) => {
      await ports.claims.claimAll(...requests);
      throw new Error("the connection was reset");
    },
  };
  await expect(drive(claimAttempt(command, by("a", own), { ...ports, claims: losing, policy }))).rejects.toThrow("reset");
  expect(await drive(claimAttempt(command, by("a", own), { ...ports, policy }))).toEqual({ state: "won" });
  expect(await drive(claimAttempt(command, by("a", new OwnAttempts("second run.")), { ...ports, policy }))).toMatchObject({
    state: "taken_over",
  });
});

it("counts a repetition of an attempt once, although the answer to the count was lost", async () => {
  const ports = memoryPorts(clock);
  const claimant = by("a");
  const count = (one = claimant) => drive(isRepeatedTooOften(command, one, { ...ports, policy }));
  for (let times = 0; times < 5; times += 1) expect(await count()).toBe(false);
  expect(await count(by("b"))).toBe(false);
  expect(await count(by("c"))).toBe(true);
});

it("forgets the oldest nonces, and gives each attempt its own", () => {
  const own = new OwnAttempts("a.");
  const first = own.nonceOf("first");
  expect(own.nonceOf("first")).toBe(first);
  const nonces = Array.from({ length: 10_000 }, (_, index) => own.nonceOf(`claim:${index}`));
  expect(new Set([first, ...nonces]).size).toBe(10_001);
  expect(own.nonceOf("claim:9999")).toBe(nonces.at(-1));
  expect(own.nonceOf("first")).not.toBe(first);
});

it("a message that cannot be kept fails the attempt, whose claim is repeated", async () => {
  const ports = memoryPorts(clock);
  const own = new OwnAttempts("a.");
  const broken = { ...ports.cache, putAll: () => Promise.reject(new Error("the cache is away")) };
  await expect(drive(claimAttempt(command, by("a", own), { ...ports, cache: broken, policy }))).rejects.toThrow("the cache is away");
  expect(await drive(claimAttempt(command, by("a", own), { ...ports, policy }))).toEqual({ state: "won" });
});
