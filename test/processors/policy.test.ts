import { expect, it } from "vitest";
import { retryPolicyOf, senderOf } from "../../processors/policy.js";
import { policyWith } from "../support/stage-context.js";

const channel = (from: string | null, ...senders: readonly (readonly [tenant: string | null, prefix: string, from: string])[]) => ({
  ...policyWith().channels.sms,
  from,
  senders: senders.map(([tenant, prefix, sender]) => ({ tenant, prefix, from: sender })),
});

it("the retry policy is the channel's, then the kind's, the provider's, and the provider's for the kind", () => {
  const policy = policyWith();
  const { retry } = policy.channels.sms;
  const given = {
    ...policy,
    channels: { ...policy.channels, sms: { ...policy.channels.sms, retryBy: { throttled: { baseMs: 2, maxAttempts: 9 } } } },
    providers: { kaleyra: { retry: { baseMs: 3, factor: 3 }, retryBy: { throttled: { baseMs: 4 } }, prices: [] } },
  };
  expect(retryPolicyOf(given, "sms", "sandbox", "temporary_failure")).toEqual(retry);
  expect(retryPolicyOf(given, "sms", "sandbox", "throttled")).toEqual({ ...retry, baseMs: 2, maxAttempts: 9 });
  expect(retryPolicyOf(given, "sms", "kaleyra", "temporary_failure")).toEqual({ ...retry, baseMs: 3, factor: 3 });
  expect(retryPolicyOf(given, "sms", "kaleyra", "throttled")).toEqual({ ...retry, baseMs: 4, factor: 3, maxAttempts: 9 });
  expect(retryPolicyOf(given, "sms", "constructor", "ambiguous")).toEqual(retry);
});

it.each([
  ["acme", "+491711234567", "tenant and prefix"],
  ["acme", "+14155550100", "tenant"],
  ["shop", "+491711234567", "long prefix"],
  ["shop", "+441711234567", "prefix"],
  ["shop", "+14155550100", "usual"],
])("of %s to %s: the sender by %s", (tenant, to, from) => {
  const known = channel(
    "usual",
    [null, "+4", "prefix"],
    [null, "+49", "long prefix"],
    ["acme", "", "tenant"],
    ["acme", "+49", "tenant and prefix"],
  );
  expect(senderOf(known, tenant, to)).toBe(from);
});

it("the first sender of the tenant's settings comes before all others", () => {
  const known = channel("usual", ["acme", "", "configured"]);
  expect(senderOf(known, "acme", "+1", ["first", "second"])).toBe("first");
  expect(senderOf(known, "acme", "+1", undefined)).toBe("configured");
});

it("without any sender there is none", () => {
  expect(senderOf(channel(null), "acme", "+1")).toBeNull();
});
