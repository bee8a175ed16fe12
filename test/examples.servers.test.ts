import { readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { transform } from "esbuild";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createKafkaLog } from "../stores/event-log/kafka/kafka-log.js";
import { runCommand } from "./servers/shell.js";
import { scratchFolder } from "./support/scratch.js";
import { serverAddress } from "./support/servers.js";

const root = fileURLToPath(new URL("..", import.meta.url));

describe("the examples on a cluster", () => {
  const environment = () => ({
    NO_COLOR: "1",
    CARILLON_PROFILE: "cluster",
    CARILLON_KAFKA_BROKERS: serverAddress("KAFKA"),
    CARILLON_REDIS_URL: serverAddress("REDIS"),
    CARILLON_MONGO_URL: serverAddress("MONGO"),
    CARILLON_REGISTRY_URL: serverAddress("REGISTRY"),
  });
  let log: ReturnType<typeof createKafkaLog>;
  beforeAll(() => {
    log = createKafkaLog({
      client: "kafkajs",
      brokers: [serverAddress("KAFKA")],
      clientId: "examples",
      sessionTimeoutMs: 10_000,
      lingerMs: 5,
      replicationFactor: -1,
    });
  });
  afterAll(() => log.close());

  it("00: the demo runs by configuration alone", async () => {
    const output = await runCommand(process.execPath, ["examples/00-demo/demo.mjs"], { cwd: root, env: environment() });
    expect(output).toContain("5 messages: 4 delivered, 1 failed");
  });

  it("04: a service's message reaches the broker, by carillon-client as it is bundled", async () => {
    const before = await log.scan("carillon.requests.critical", 10_000);
    const folder = scratchFolder();
    const source = readFileSync(join(root, "examples/04-service-with-client/service.mts"), "utf8");
    writeFileSync(join(folder.path, "service.mjs"), (await transform(source, { loader: "ts" })).code);
    symlinkSync(join(root, "node_modules"), join(folder.path, "node_modules"));
    const output = await runCommand(process.execPath, ["service.mjs"], { cwd: folder.path, env: environment() });
    folder.remove();
    expect(output).toContain("Kafka has stored");
    expect(await log.scan("carillon.requests.critical", 10_000)).toHaveLength(before.length + 1);
  });
});
