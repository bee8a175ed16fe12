import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { MessageInput } from "../../client/message-input.js";
import { queuesOf } from "../../engine/graphs.js";
import { readConsumers } from "../../operations/load/consumer-watch.js";
import { findUnconsumed } from "../../operations/load/unconsumed-queues.js";
import { lanes } from "../../schemas/vocabulary.js";
import { eventually } from "../support/eventually.js";
import { readMetrics } from "../support/metrics.js";
import { type Delivery, startDelivery } from "./harness.js";

const emailTo = (name: string, lane: MessageInput["lane"]): MessageInput => ({
  channel: "email",
  to: `${name}@sandbox.carillon.test`,
  lane,
  content: { subject: "Hello", text: "Hi there" },
});

const options = { profile: "embedded", guarantee: "at_least_once", processes: 1 } as const;

describe("an embedded process with three threads", () => {
  let delivery: Delivery;
  beforeAll(async () => {
    delivery = await startDelivery({ ...options, threads: 3, config: { log: { level: "debug" } } });
  });
  afterAll(async () => {
    await delivery.stop();
  });

  it("delivers messages of all lanes, and tries again by timers, each lane in its own thread", async () => {
    for (const lane of lanes) {
      const [success, flaky, refused] = await Promise.all(
        ["success", "flaky", "bounce"].map(async (name) => delivery.final(await delivery.send(emailTo(name, lane)))),
      );
      expect(success).toMatchObject({ status: "delivered", attempts: 1, lane });
      expect(flaky).toMatchObject({ status: "delivered", attempts: 3, lane });
      expect(refused).toMatchObject({ status: "failed", reason: "recipient_rejected", lane });
      const workers = new Set(success?.lineage.filter(({ stage }) => stage === "dispatch").map(({ instance }) => instance));
      expect([...workers]).toEqual([expect.stringMatching(lane === "critical" ? /\/critical$/ : /\/high\+normal\+bulk$/)]);
    }
  });

  it("waits for a receipt's deadline, and for notBefore, whose timers another thread fires", async () => {
    const silent = await delivery.send({ channel: "push", to: "device-silent", content: { text: "Hi" } });
    const later = await delivery.send({ ...emailTo("success", "bulk"), notBefore: Date.now() + 600 });
    expect(await delivery.final(silent)).toMatchObject({ status: "expired", reason: "no_receipt" });
    expect(await delivery.final(later)).toMatchObject({ status: "delivered" });
  });

  it("has the sums of its threads in one scrape", async () => {
    const [url = ""] = delivery.urls;
    const samples = await readMetrics(url);
    const sampleOf = (name: string, labels: Readonly<Record<string, string>> = {}): number | undefined =>
      samples.find((one) => one.name === name && Object.entries(labels).every(([label, value]) => one.labels[label] === value))?.value;
    const accepted = samples.filter(({ name }) => name === "carillon_accepted_total").reduce((sum, { value }) => sum + value, 0);
    expect(sampleOf("carillon_stage_seconds_count", { stage: "validate" })).toBe(accepted);
    expect(sampleOf("carillon_process_start_time_seconds")).toBeGreaterThan(Date.now() / 1_000 - 600);
    expect(sampleOf("carillon_provider_breaker", { channel: "email" })).toBe(0);
    const threads = samples.filter(({ name }) => name === "carillon_thread_active_seconds_total").map(({ labels }) => labels.thread);
    expect(threads.sort()).toEqual(["critical", "high+normal+bulk", "main", "respond+fallback+record"]);
    const queues = queuesOf(delivery.assembly.graphs).map(({ name }) => name);
    for (const queue of queues)
      expect(sampleOf("carillon_consumers", { queue })).toBe(sampleOf("carillon_consumers_configured", { queue }));
  });

  it("is one process to whoever looks: all queues consumed, and one report of each provider", async () => {
    const [url = ""] = delivery.urls;
    expect((await fetch(`${url}/readyz`)).status).toBe(200);
    const queues = queuesOf(delivery.assembly.graphs);
    const living = await eventually(
      () => readConsumers(delivery.stores.cells),
      (found) => found.size === queues.length,
    );
    expect([...living.values()]).toEqual(queues.map(({ consumers }) => consumers));
    expect(await findUnconsumed(queues, delivery.stores.cells)).toBe(`1 process consumes all ${queues.length} queues`);
    expect((await delivery.stores.cells.all("provider-health")).size).toBeLessThanOrEqual(1);
  });

  it("drains all threads on SIGTERM, and after kill -9 nothing is lost", async () => {
    for (const signal of ["SIGTERM", "SIGKILL"] as const) {
      const sent = await Promise.all(
        Array.from({ length: 60 }, (_, index) =>
          delivery.send(emailTo(index % 3 === 0 ? "flaky" : "success", lanes[index % lanes.length])),
        ),
      );
      await delivery.kill(signal);
      await delivery.restart();
      for (const id of sent) expect(await delivery.final(id)).toMatchObject({ status: "delivered" });
    }
  }, 120_000);
});

describe("a provider's limits, in a process with four threads", () => {
  it("hold over all threads, and leave no lane without its turn", async () => {
    let [inFlight, most] = [0, 0];
    const served: string[] = [];
    const server = createServer(async (request, response) => {
      let text = "";
      for await (const chunk of request) text += String(chunk);
      inFlight += 1;
      most = Math.max(most, inFlight);
      await new Promise((resolve) => setTimeout(resolve, 60));
      inFlight -= 1;
      served.push((JSON.parse(text) as { text: string }).text);
      response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ id: `id-${served.length}` }));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const delivery = await startDelivery({
      ...options,
      threads: 4,
      config: {
        channels: { sms: { providers: ["own"], receiptDeadlineMs: 600_000 } },
        providers: {
          own: {
            type: "http",
            url,
            fields: { text: "{{ text }}" },
            answer: { id: "id" },
            limits: { inFlight: 3 },
          },
        },
      },
    });
    try {
      const send = (lane: MessageInput["lane"], index: number) =>
        delivery.send({ channel: "sms", to: `+1415555${String(index).padStart(4, "0")}`, lane, content: { text: `${lane} ${index}` } });
      await Promise.all(Array.from({ length: 90 }, (_, index) => send(index % 2 === 0 ? "bulk" : "normal", index)));
      const before = served.length;
      await Promise.all(Array.from({ length: 5 }, (_, index) => send("critical", 1_000 + index)));
      await eventually(
        () => served.length,
        (count) => count === 95,
        60_000,
      );
      expect(most).toBe(3);
      const last = Math.max(...served.flatMap((text, index) => (text.startsWith("critical") ? [index] : [])));
      expect(last - before).toBeLessThan(45);
    } finally {
      await delivery.stop();
      server.close();
    }
  }, 120_000);
});
