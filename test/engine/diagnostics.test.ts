import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { afterEach, describe, expect, it } from "vitest";
import { diagnostics } from "../../engine/diagnostics.js";
import { countProviders, countRecords } from "../../operations/telemetry/count-events.js";
import { createMetrics } from "../../operations/telemetry/metrics.js";
import { createDeliveryTestDriver } from "../../service/delivery-test-driver.js";
import { emailTo, requestOf } from "../support/requests.js";

const ends: (() => void)[] = [];
afterEach(() => {
  for (const end of ends.splice(0)) end();
});

describe("events of a Carillon", () => {
  it("reach only the subscribers of that Carillon, until they end their subscription", () => {
    const [one, other] = [{ instance: "same name" }, { instance: "same name" }];
    const seen: string[] = [];
    const end = diagnostics.handedBack.subscribe(one, ({ topic }) => void seen.push(topic));
    diagnostics.handedBack.publish(other, { topic: "other" });
    diagnostics.handedBack.publish(one, { topic: "one" });
    end();
    diagnostics.handedBack.publish(one, { topic: "late" });
    expect(seen).toEqual(["one"]);
  });

  it("reach a program that subscribes to the plain channel, with their origin", () => {
    const origin = { instance: "one" };
    const seen: unknown[] = [];
    const listener = (event: unknown): void => void seen.push(event);
    subscribe("carillon:dead_letter", listener);
    ends.push(() => void unsubscribe("carillon:dead_letter", listener));
    diagnostics.deadLetter.publish(origin, { stage: "route", code: "UNDECODABLE" });
    expect(seen).toEqual([{ stage: "route", code: "UNDECODABLE", origin }]);
  });

  it("are counted by the metrics of that Carillon, not by those of another in the same process", async () => {
    const drivers = [await createDeliveryTestDriver(), await createDeliveryTestDriver()] as const;
    const metrics = drivers.map(({ assembly }) => {
      const own = createMetrics();
      ends.push(countRecords(assembly.origin, own), countProviders(assembly.origin, own));
      return own;
    });
    const [{ assembly, clock }] = drivers;
    await drivers[0].pipe(assembly.families.requests, requestOf(emailTo("success"), clock.now()));
    await drivers[0].pipeBytes("requests.normal", Buffer.from("no Avro"));
    await drivers[0].advance(5_000);
    const [own = "", others = ""] = await Promise.all(metrics.map(({ registry }) => registry.metrics()));
    expect(own).toContain('carillon_stage_seconds_count{stage="dispatch"} 1');
    expect(own).toMatch(/carillon_dead_letters_total\{stage="decode",code="\w+"\} 1/);
    expect(own).toMatch(/carillon_provider_seconds_count\{channel="email",provider="sandbox",outcome="accepted"\} 1/);
    expect(others).not.toMatch(/carillon_(stage_seconds_count|dead_letters_total|provider_seconds_count)\{/);
  });

  it("cost no trace where nothing subscribes to records, and hold a record's stages where something does", async () => {
    const { pipe, assembly, clock } = await createDeliveryTestDriver();
    const { requests } = assembly.families;
    expect(diagnostics.record.hasSubscribers).toBe(false);
    const traces: string[][] = [];
    ends.push(diagnostics.record.subscribe(assembly.origin, ({ stages }) => void traces.push(stages.map(({ name }) => name))));
    await pipe(requests, requestOf(emailTo("success"), clock.now()));
    expect(traces[0]).toEqual(["validate", "enrich", "route"]);
  });

  it("have names of one form, and a text for each field", () => {
    const all = Object.values(diagnostics);
    expect(new Set(all.map(({ name }) => name)).size).toBe(all.length);
    for (const { name, fields } of all) {
      expect(name).toMatch(/^carillon:[a-z_]+$/);
      expect(Object.values(fields).every((text) => text.length > 0)).toBe(true);
    }
  });
});
