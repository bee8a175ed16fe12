import { expect, it } from "vitest";
import { loadConfig } from "../../../service/load-config.js";
import { providersOf, routingPolicyOf } from "../../../sinks/routing/routing-policy.js";

const config = loadConfig({
  environment: {},
  overrides: {
    channels: {
      email: {
        providers: ["sandbox", "second"],
        routes: [{ recipient: "@Example.COM", providers: [{ name: "third", weight: 3 }] }],
      },
    },
    providers: { second: { type: "sandbox" }, third: { type: "sandbox", limits: { perSecond: 5 } } },
  },
});

it("names alone are an order of preference, and the channel's own providers are its last route", () => {
  const { routes } = routingPolicyOf(config);
  expect(routes.email).toEqual([
    { tenant: null, lane: null, recipient: "@example.com", providers: [{ name: "third", weight: 3 }] },
    {
      tenant: null,
      lane: null,
      recipient: null,
      providers: [
        { name: "sandbox", weight: 1 },
        { name: "second", weight: 0 },
      ],
    },
  ]);
});

it("the limits are the provider's own, else none", () => {
  const { limits } = routingPolicyOf(config);
  expect(limits("third").perSecond).toBe(5);
  expect(limits("unknown")).toEqual({ perSecond: null, burst: null, inFlight: Number.POSITIVE_INFINITY, inFlightPerTenant: null });
});

it("a channel's providers are those of its routes as well, each once", () => {
  expect([...providersOf(config.channels.email)].sort()).toEqual(["sandbox", "second", "third"]);
});
