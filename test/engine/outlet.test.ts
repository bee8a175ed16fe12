import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { writerOf } from "../../engine/outlet.js";
import type { DeliveryFeedback } from "../../schemas/generated.js";
import { createDeliveryTestDriver } from "../../service/delivery-test-driver.js";
import { namesOf } from "../../topology/names.js";
import { emailTo, requestOf } from "../support/requests.js";

const start = async () => {
  const driver = await createDeliveryTestDriver();
  const { graphs, codecs, families } = driver.assembly;
  const { topicOf } = namesOf({ topics: { prefix: "carillon" } } as Parameters<typeof namesOf>[0]);
  const [delivery] = graphs;
  if (!delivery) throw new Error("there is no graph");
  const writer = (name: string) => writerOf(delivery, name, { codecs, topicOf, log: driver.stores.log });
  return { driver, families, writer };
};

describe("an outlet", () => {
  it("writes for a writer that the graph declares", async () => {
    const { driver, families, writer } = await start();
    const request = requestOf(emailTo("success"), driver.clock.now());
    await writer("HTTP").to(families.requests).append([request]);
    await driver.advance(0);
    await driver.advance(60_000);
    expect(await driver.lineage(request.id)).toMatchObject({ status: "delivered" });
  });

  it("is refused to a writer that the graph does not declare", async () => {
    const { writer } = await start();
    expect(() => writer("newsletter")).toThrow("the graph delivery declares no writer newsletter");
  });

  it("is refused for a topic that the graph does not declare for the writer", async () => {
    const { driver, families, writer } = await start();
    expect(() => writer("sweep").to(families.requests)).toThrow("does not declare that sweep writes requests");
    const request = writer("HTTP")
      .to(families.requests)
      .record(requestOf(emailTo("success"), driver.clock.now()));
    await expect(writer("sweep").append([request])).rejects.toThrow("does not declare that sweep writes carillon.requests.normal");
  });

  it("puts back a record of any topic, also of one that only a later version has, for a carrier alone", async () => {
    const { driver, writer } = await start();
    await driver.stores.log.ensureTopics([{ topic: "carillon.dispatch.later", partitions: 1, retentionMs: -1 }]);
    const record = { topic: "carillon.dispatch.later", key: "key", value: Buffer.from("bytes") };
    await writer("expire_listener").append([record]);
    expect(await driver.stores.log.scan("carillon.dispatch.later", 10)).toHaveLength(1);
  });

  it("takes only its family's values", async () => {
    const { families, writer } = await start();
    // @ts-expect-error lineage does not carry DeliveryFeedback
    const record = (feedback: DeliveryFeedback) => writer("sweep").to(families.lineage).record(feedback);
    expect(record).toBeTypeOf("function");
  });
});

const root = fileURLToPath(new URL("../..", import.meta.url));
const sources = execFileSync("git", ["ls-files", "*.ts"], { cwd: root, encoding: "utf8" })
  .split("\n")
  .filter((path) => /^(channels|client|config|engine|processors|sinks|topology|sources|operations|reports|http|service|cli)\//.test(path));

/** The files that append to the log: the outlet, the test driver, and the client, which has no graph. */
const appending = ["client/kafka-transport.ts", "engine/outlet.ts", "engine/test-driver.ts", "engine/test-rounds.ts"];

it("nothing appends to the log but by an outlet", () => {
  const appends = /\b(log|producer)\??\.(append|write)\(|Pick<EventLog, [^>]*"append"/;
  expect(sources.filter((path) => appends.test(readFileSync(`${root}/${path}`, "utf8")))).toEqual(appending);
});
