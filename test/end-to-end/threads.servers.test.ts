import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { queuesOf } from "../../engine/graphs.js";
import { readConsumers } from "../../operations/load/consumer-watch.js";
import { lanes } from "../../schemas/vocabulary.js";
import { eventually } from "../support/eventually.js";
import { readMetrics } from "../support/metrics.js";
import { type Delivery, startDelivery } from "./harness.js";

describe("a process of a cluster with two threads", () => {
  let delivery: Delivery;
  beforeAll(async () => {
    delivery = await startDelivery({ profile: "cluster", guarantee: "at_least_once", processes: 1, threads: 2 });
  });
  afterAll(async () => {
    await delivery.stop();
  });

  const send = (index: number): Promise<string> =>
    delivery.send({
      channel: "email",
      to: `${index % 3 === 0 ? "flaky" : "success"}@sandbox.carillon.test`,
      lane: lanes[index % lanes.length],
      content: { subject: "Hello", text: "Hi there" },
    });

  it("delivers messages of all lanes, and nothing is lost by SIGTERM or kill -9", async () => {
    for (const signal of ["SIGTERM", "SIGKILL"] as const) {
      const sent = await Promise.all(Array.from({ length: 40 }, (_, index) => send(index)));
      await delivery.kill(signal);
      await delivery.restart();
      for (const id of sent) expect(await delivery.final(id, 60_000)).toMatchObject({ status: "delivered" });
    }
  });

  it("is one process to whoever looks", async () => {
    const [url = ""] = delivery.urls;
    // consumers of a killed process hold their partitions for a session timeout, and readiness says so meanwhile
    await eventually(
      async () => (await fetch(`${url}/readyz`)).status,
      (status) => status === 200,
    );
    const queues = queuesOf(delivery.assembly.graphs);
    const living = await eventually(
      () => readConsumers(delivery.stores.cells),
      (found) => queues.every(({ name, consumers }) => found.get(name) === consumers),
    );
    expect(living.size).toBe(queues.length);
    const threads = (await readMetrics(url)).filter(({ name }) => name === "carillon_thread_active_seconds_total");
    expect(threads.map(({ labels }) => labels.thread).sort()).toEqual(["critical", "main", "others"]);
  });
});
