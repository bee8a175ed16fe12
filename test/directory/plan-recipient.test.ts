import { describe, expect, it } from "vitest";
import { isValid } from "../../client/check-input.js";
import { type Condition, checkRecipientUser, type GivenRecipient } from "../../client/recipient-input.js";
import { type MessageProgress, nextStep } from "../../directory/next-step.js";
import { type PlanRules, planRecipient, type Step } from "../../directory/plan-recipient.js";
import type { AddressChannel, User } from "../../stores/directory/directory.js";

const at = new Date(0);
const registered = (...addresses: readonly string[]) => addresses.map((address) => ({ address, app: null, registeredAt: at }));

const userWith = (addresses: Partial<User["addresses"]>): User => ({
  ...{ tenant: "acme", id: "ann", locale: null, timeZone: null, attributes: {}, createdAt: at, changedAt: at, revision: 1 },
  addresses: { email: null, sms: null, push: [], http: [], device: [], ...addresses },
});
const full = userWith({
  email: "ann@example.com",
  sms: "+14155550100",
  push: registered("p1", "p2"),
  http: registered("https://old.example/", "https://new.example/"),
  device: registered("d1", "d2"),
});

const rulesWithout = (...dead: readonly string[]): PlanRules => ({
  preference: ["device", "push", "email", "sms", "http"],
  isUsable: (_channel, address) => !dead.includes(address),
});
const planned = (user: User, recipient: Omit<GivenRecipient, "user">, ...dead: readonly string[]) => {
  const { steps, missed } = planRecipient(user, recipient, rulesWithout(...dead));
  return {
    steps: steps.map(({ channel, targets, unless, afterMs }) => [
      channel,
      targets.map(({ address }) => address).join(" "),
      unless,
      afterMs,
    ]),
    missed: missed.map(({ channel, why }) => `${channel} ${why}`),
  };
};

describe("the addresses of a user", () => {
  it.each<[string, User, Omit<GivenRecipient, "user">, readonly string[], ReturnType<typeof planned>]>([
    ["the preferred channel, all devices", full, {}, [], { steps: [["device", "d1 d2", null, 0]], missed: [] }],
    ["the first given channel", full, { channels: ["sms", "email"] }, [], { steps: [["sms", "+14155550100", null, 0]], missed: [] }],
    ["every endpoint of push", full, { channels: ["push"] }, [], { steps: [["push", "p1 p2", null, 0]], missed: [] }],
    ["one URL, the newest", full, { channels: ["http"] }, [], { steps: [["http", "https://new.example/", null, 0]], missed: [] }],
    [
      "the older URL if the newest is dead",
      full,
      { channels: ["http"] },
      ["https://new.example/"],
      { steps: [["http", "https://old.example/", null, 0]], missed: [] },
    ],
    ["the living endpoints", full, { channels: ["push"] }, ["p1"], { steps: [["push", "p2", null, 0]], missed: [] }],
    [
      "the next channel if the first has none",
      userWith({ email: "ann@example.com" }),
      { channels: ["push", "sms", "email"] },
      [],
      { steps: [["email", "ann@example.com", null, 0]], missed: ["push absent", "sms absent"] },
    ],
    [
      "the next channel if the first is dead",
      full,
      { channels: ["sms", "email"] },
      ["+14155550100"],
      { steps: [["email", "ann@example.com", null, 0]], missed: ["sms unusable"] },
    ],
    [
      "nothing for a user without addresses",
      userWith({}),
      { channels: ["email", "push"] },
      [],
      { steps: [], missed: ["email absent", "push absent"] },
    ],
    [
      "every step of a fallback",
      full,
      { fallback: [{ channel: "push" }, { channel: "sms", unless: "delivered", afterMs: 60_000 }] },
      [],
      {
        steps: [
          ["push", "p1 p2", null, 0],
          ["sms", "+14155550100", "delivered", 60_000],
        ],
        missed: [],
      },
    ],
    [
      "the second step at once if the first has no address",
      full,
      {
        fallback: [
          { channel: "push" },
          { channel: "sms", unless: "delivered", afterMs: 60_000 },
          { channel: "email", unless: "delivered", afterMs: 1_000 },
        ],
      },
      ["p1", "p2"],
      {
        steps: [
          ["sms", "+14155550100", null, 0],
          ["email", "ann@example.com", "delivered", 1_000],
        ],
        missed: ["push unusable"],
      },
    ],
  ])("are %s", (_name, user, recipient, dead, expected) => {
    expect(planned(user, recipient, ...dead)).toEqual(expected);
  });
});

const stepOf = (channel: AddressChannel, unless: Condition | null, afterMs: number): Step => ({
  ...{ channel, unless, afterMs },
  targets: [{ address: channel, app: null }],
});
const steps = [stepOf("device", null, 0), stepOf("push", "acked", 5_000), stepOf("sms", "opened", 60_000)];
const message = (reached: Condition | null, failed = false): MessageProgress => ({ reached, failed });

describe("the next step of a recipient", () => {
  it.each<[string, readonly MessageProgress[], number, number, ReturnType<typeof nextStep>]>([
    ["the first step at once", [], 0, 0, { kind: "send", step: 0, why: "first" }],
    ["wait while nothing is known", [], 1, 10, { kind: "wait", forMs: 4_990 }],
    ["wait for an ack", [message("delivered")], 1, 1_000, { kind: "wait", forMs: 4_000 }],
    ["wait as long at most if the clock went back", [message("delivered")], 1, -9_000, { kind: "wait", forMs: 5_000 }],
    ["nothing more once acked", [message("acked")], 1, 1_000, { kind: "settled", why: "met" }],
    ["nothing more once opened, which includes an ack", [message("opened")], 1, 9_000, { kind: "settled", why: "met" }],
    ["nothing more if one of several devices acked", [message(null, true), message("acked")], 1, 0, { kind: "settled", why: "met" }],
    ["the next step when the time is over", [message("delivered")], 1, 5_000, { kind: "send", step: 1, why: "overdue" }],
    ["the next step once all failed", [message("accepted", true), message(null, true)], 1, 10, { kind: "send", step: 1, why: "failed" }],
    ["wait while one of several is alive", [message(null, true), message("accepted")], 1, 10, { kind: "wait", forMs: 4_990 }],
    ["the condition of the third step, met by the first", [message("opened"), message(null)], 2, 10, { kind: "settled", why: "met" }],
    [
      "the third step although the first was acked",
      [message("acked"), message("delivered")],
      2,
      60_000,
      { kind: "send", step: 2, why: "overdue" },
    ],
    ["nothing after the last step", [message(null, true)], 3, 99_999, { kind: "settled", why: "exhausted" }],
  ])("is %s", (_name, messages, sentSteps, elapsedMs, expected) => {
    expect(nextStep(steps, { sentSteps, messages, elapsedMs })).toEqual(expected);
  });

  it("is nothing for a user without addresses", () => {
    expect(nextStep([], { sentSteps: 0, messages: [], elapsedMs: 0 })).toEqual({ kind: "settled", why: "exhausted" });
  });
});

describe("a recipient's check", () => {
  const step = (channel: string, unless?: string, afterMs?: number) => ({
    channel,
    ...(unless ? { unless } : {}),
    ...(afterMs === undefined ? {} : { afterMs }),
  });
  it.each([
    [{ user: "ann" }],
    [{ user: "ann", channels: ["push", "sms"] }],
    [{ user: "ann", fallback: [step("push"), step("sms", "delivered", 60_000)] }],
    [{ user: "ann", fallback: [step("device"), step("push", "acked", 1_000), step("email", "acked", 1_000)] }],
  ])("accepts %j", (recipient) => {
    expect(isValid(checkRecipientUser(recipient))).toBe(true);
  });

  it.each([
    [{}, "user", "is missing"],
    [{ user: "ann", to: "x" }, "to", "is not a known field"],
    [{ user: "ann", channels: [] }, "channels", "is empty"],
    [{ user: "ann", channels: ["fax"] }, "channels.0", "is not one of email, sms, push, http, device"],
    [{ user: "ann", channels: ["sms", "sms"] }, "channels", "has a channel twice"],
    [{ user: "ann", channels: ["sms"], fallback: [step("sms")] }, "fallback", "is given with channels"],
    [{ user: "ann", fallback: [step("sms", "delivered", 1_000)] }, "fallback.0", "is the first step"],
    [{ user: "ann", fallback: [step("sms"), step("email")] }, "fallback.1", "lacks unless or afterMs"],
    [{ user: "ann", fallback: [step("sms"), step("email", "opened", 1_000)] }, "fallback.1", "no channel before it can meet"],
    [{ user: "ann", fallback: [step("sms"), step("email", "delivered", 10)] }, "fallback.1.afterMs", "is smaller than 1000"],
    [
      { user: "ann", fallback: [step("sms"), step("email", "seen", 1_000)] },
      "fallback.1.unless",
      "is not one of accepted, delivered, acked, opened",
    ],
    [{ user: "ann", fallback: [step("sms"), step("sms", "delivered", 1_000)] }, "fallback", "has a channel twice"],
  ])("refuses %j", (recipient, field, problem) => {
    const checked = checkRecipientUser(recipient);
    const errors = isValid(checked) ? [] : checked.errors;
    expect(errors).toContainEqual(expect.objectContaining({ field, problem: expect.stringContaining(problem) }));
  });
});
