import { describe, expect, it } from "vitest";
import { drive } from "../../engine/ask.js";
import type { Provider, SendOutcome } from "../../processors/provider.js";
import { callProvider, recordCall } from "../../processors/provider-call.js";
import type { Place } from "../../processors/routing.js";
import { createVirtualClock } from "../../stores/virtual-clock.js";
import { commandTo } from "../support/commands.js";
import { memoryPorts, policyWith } from "../support/stage-context.js";

const clock = createVirtualClock();
const command = commandTo("sms", "+14155550100", { acceptedAt: clock.now(), expiresAt: clock.now() + 3_600_000 });
const delivered: SendOutcome = { kind: "delivered", providerMessageId: "r-1" };

const placeAt = (send: Provider["send"]) => {
  const left: unknown[][] = [];
  const provider: Provider = { name: "sandbox", channel: "sms", send, healthCheck: async () => "fine", close: async () => undefined };
  const place: Place & { readonly provider: Provider } = { provider, leave: (...told) => void left.push(told) };
  return { place, left };
};

describe("a call of a provider", () => {
  it("has the attempt's own token, and frees the place with its outcome and duration", async () => {
    const tokens: string[] = [];
    const { place, left } = placeAt(async (_, { idempotencyToken }) => {
      tokens.push(idempotencyToken);
      clock.advance(40);
      return delivered;
    });
    const at = clock.now();
    expect(await callProvider(command, place, clock)).toEqual({ outcome: delivered, at, tookMs: 40 });
    expect(tokens).toEqual([`${command.messageId}:${command.attempt}`]);
    expect(left).toEqual([[delivered, 40]]);
  });

  it("ends at once if the provider answers without a promise", () => {
    const { place, left } = placeAt(() => delivered);
    expect(callProvider(command, place, clock)).toEqual({ outcome: delivered, at: clock.now(), tookMs: 0 });
    expect(left).toHaveLength(1);
  });

  it.each([
    ["rejects", () => Promise.reject(new Error("socket hang up"))],
    [
      "throws",
      () => {
        throw new Error("socket hang up");
      },
    ],
  ])("is ambiguous if the provider %s, and frees the place", async (_, send) => {
    const { place, left } = placeAt(send);
    expect(await callProvider(command, place, clock)).toMatchObject({ outcome: { kind: "ambiguous" } });
    expect(left).toHaveLength(1);
  });
});

describe("a result that is no outcome", () => {
  const junk = (result: unknown): Provider["send"] => (() => result) as Provider["send"];

  it.each<[unknown, string]>([
    [null, "sandbox returned null instead of an outcome"],
    [undefined, "sandbox returned undefined instead of an outcome"],
    [{ kind: "banana" }, 'sandbox returned an outcome of unknown kind: "banana"'],
    [{}, "sandbox returned an outcome of unknown kind: undefined"],
    [{ kind: "accepted" }, "sandbox returned an accepted outcome without a providerMessageId"],
    [{ kind: "delivered" }, "sandbox returned a delivered outcome whose providerMessageId is neither text nor null"],
    [{ kind: "throttled" }, 'sandbox returned an outcome of kind "throttled" without reason or detail'],
  ])("is ambiguous, and its detail names the provider and the result: %j", async (result, detail) => {
    const outcome = { kind: "ambiguous", reason: "provider_unavailable", detail };
    for (const send of [junk(result), junk(Promise.resolve(result))])
      expect(await callProvider(command, placeAt(send).place, clock)).toMatchObject({ outcome });
  });

  it("does not include a promise of another library, whose result counts", async () => {
    // biome-ignore lint/suspicious/noThenProperty: a promise of another library
    const thenable = { then: (resolve: (outcome: SendOutcome) => void) => resolve(delivered) };
    expect(await callProvider(command, placeAt(junk(thenable)).place, clock)).toMatchObject({ outcome: delivered });
  });
});

describe("the record of a call", () => {
  const ended = { outcome: delivered, at: clock.now(), tookMs: 5 };

  it("is kept with the claim, after receipts can find the message", async () => {
    const ports = memoryPorts(clock);
    const accepted = { ...ended, outcome: { kind: "accepted" as const, providerMessageId: "r-2" } };
    const call = await drive(recordCall(command, "sandbox", accepted, clock, { ...ports, policy: policyWith({}) }));
    expect(call).toEqual({ provider: "sandbox", ...accepted });
    expect(await ports.cache.resolve("sandbox", "r-2")).toMatchObject({ messageId: command.messageId, attempt: 1 });
    expect(JSON.parse((await ports.claims.recorded(`claim:${command.messageId}:1`)) ?? "")).toEqual(call);
  });

  it("is another worker's if that one has recorded its own", async () => {
    const ports = { ...memoryPorts(clock), policy: policyWith({}) };
    const first = await drive(recordCall(command, "other", ended, clock, ports));
    expect(await drive(recordCall(command, "sandbox", { ...ended, tookMs: 9 }, clock, ports))).toEqual(first);
    expect(first.provider).toBe("other");
  });
});
