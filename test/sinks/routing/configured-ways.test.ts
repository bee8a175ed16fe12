import { describe, expect, it } from "vitest";
import { byChannel } from "../../../channels/by-channel.js";
import { createConfiguredWays, fits, type Route } from "../../../sinks/routing/configured-ways.js";
import type { RoutedProvider } from "../../../sinks/routing/routed-provider.js";
import { commandTo } from "../../support/commands.js";
import { everybody } from "./routing-under-test.js";

const routed = (...names: readonly string[]): ReadonlyMap<string, RoutedProvider> =>
  new Map(names.map((name) => [name, { name } as unknown as RoutedProvider]));
const route = (condition: Partial<Route>, ...names: string[]): Route => ({ ...everybody(...names), ...condition });
const waysOf = (routes: readonly Route[], ...names: readonly string[]) =>
  createConfiguredWays(
    byChannel((channel) => (channel === "sms" ? routes : [])),
    byChannel((channel) => (channel === "sms" ? routed(...names) : routed())),
  );
const command = commandTo("sms", "+919812345678");

describe("a route", () => {
  it("fits by tenant, lane and recipient", () => {
    for (const condition of [{}, { tenant: "acme" }, { lane: "normal" }, { recipient: "+91" }])
      expect(fits(route(condition), command)).toBe(true);
    for (const condition of [{ tenant: "other" }, { lane: "bulk" }, { recipient: "+92" }])
      expect(fits(route(condition), command)).toBe(false);
    expect(fits(route({ recipient: "@shop.test" }), commandTo("email", "anna@SHOP.test"))).toBe(true);
  });
});

describe("the configured way of a message", () => {
  it("is that of the first fitting route, with the providers that exist", () => {
    const ways = waysOf([route({ recipient: "+92" }, "a"), route({ tenant: "acme" }, "b", "gone"), everybody("c")], "a", "b", "c");
    const way = ways.wayOf(command);
    expect(way.route).toEqual([{ name: "b", weight: 1 }]);
    expect(way.find("b")).toMatchObject({ name: "b" });
    expect(way.find("gone")).toBeUndefined();
  });

  it("has all providers if none of its route exists", () => {
    expect(
      waysOf([everybody("gone")], "a", "b")
        .wayOf(command)
        .route.map(({ name }) => name),
    ).toEqual(["a", "b"]);
  });
});

describe("a tenant's own route", () => {
  it("can name the providers that the configuration gives the tenant, and no others", () => {
    const { shared } = waysOf([route({ tenant: "acme" }, "a"), route({ tenant: "other" }, "b"), everybody("c")], "a", "b", "c");
    const usable = (tenant: string): readonly string[] =>
      ["a", "b", "c", "none"].filter((name) => shared({ tenant, channel: "sms" }, name));
    expect(usable("acme")).toEqual(["a", "c"]);
    expect(usable("other")).toEqual(["b", "c"]);
    expect(shared({ tenant: "acme", channel: "email" }, "a")).toBeUndefined();
  });
});
