import { describe, expect, it } from "vitest";
import { loadConfig } from "../../service/load-config.js";

const load = (tenantTopics: object, queues: readonly string[] = []) =>
  loadConfig({ environment: {}, overrides: { tenantTopics, runtime: { queues } } as never });

describe("tenants with topics of their own", () => {
  it.each(["shop", "Shop-2", "shop.eu", "a".repeat(100)])("can have the id %s", (tenant) => {
    expect(load({ tenants: [tenant] }).tenantTopics.tenants).toEqual([tenant]);
  });

  it.each(["shop eu", "café", ".shop", "shop*", "a/b", "a".repeat(101)])("cannot have the id %s, which no topic can have", (tenant) => {
    expect(() => load({ tenants: ["bank", tenant] })).toThrow(/tenantTopics\.tenants\.1: cannot be part of a topic's name/);
  });

  it.each([
    ["shop", "shop"],
    ["shop.eu", "shop_eu"],
  ])("cannot be %s and %s", (one, other) => {
    expect(() => load({ tenants: [one, other] })).toThrow(`tenantTopics.tenants: Kafka does not distinguish the topics of ${other}`);
  });

  it("are at most 100", () => {
    expect(() => load({ tenants: Array.from({ length: 101 }, (_, index) => `t${index}`) })).toThrow(/tenantTopics\.tenants/);
  });

  it("need a consumer for each partition at most", () => {
    expect(() => load({ tenants: ["shop"], partitions: 1, consumers: 2 })).toThrow(/tenantTopics\.consumers: 2 is more/);
  });

  it("have queues that a process selects by name or by the pattern of a role, with or without tenants", () => {
    expect(load({ tenants: ["shop"] }, ["ingress/ingress.shop", "egress/feedback"]).runtime.queues).toHaveLength(2);
    for (const tenants of [[], ["shop"]])
      for (const pattern of ["ingress/*", "ingress/ingress.*"]) expect(load({ tenants }, [pattern]).runtime.queues).toEqual([pattern]);
    expect(() => load({ tenants: [] }, ["ingress/ingress.shop"])).toThrow(/no queue matches "ingress\/ingress\.shop"/);
  });
});
