import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { createKafkajs } from "../../stores/event-log/kafka/kafkajs-client/kafkajs-producer.js";
import { topicResource } from "../../stores/event-log/kafka/topic-drifts.js";
import { cleanEnvironment } from "../support/clean-environment.js";
import { scratchFolder, uniqueName } from "../support/scratch.js";
import { serverAddress } from "../support/servers.js";

const run = promisify(execFile);
const root = fileURLToPath(new URL("../..", import.meta.url));
const folder = scratchFolder();
const admin = createKafkajs({ brokers: [serverAddress("KAFKA")], clientId: "operator" }).admin();

beforeAll(() => admin.connect());
afterAll(async () => {
  await admin.disconnect();
  folder.remove();
});

const configWith = (name: string, servers: Readonly<Record<string, unknown>>) => ({
  profile: "cluster",
  topics: { prefix: name },
  kafka: { brokers: [serverAddress("KAFKA")] },
  redis: { url: serverAddress("REDIS"), prefix: name },
  mongo: { url: serverAddress("MONGO"), database: name },
  registry: { url: serverAddress("REGISTRY") },
  ...servers,
});

const doctor = async (servers: Readonly<Record<string, unknown>>) => {
  const name = uniqueName("doctor");
  const file = join(folder.path, `${name}.yaml`);
  writeFileSync(file, stringify(configWith(name, servers)));
  const begin = Date.now();
  const asked = run(process.execPath, [join(root, "bin/carillon.js"), "--config", file, "doctor", "--json"], { env: cleanEnvironment() });
  const { stdout, code } = await asked.then(
    (answer) => ({ ...answer, code: 0 }),
    (error: { code: number; stdout: string }) => error,
  );
  const found = JSON.parse(stdout) as { what: string; ok: boolean; found: string; fix?: string }[];
  return { name, code, found, tookMs: Date.now() - begin };
};

describe("carillon doctor on a cluster that Carillon has never run on", () => {
  it("is well each time, ends at once, and leaves no topic and no group behind", async () => {
    const groups = async (): Promise<string[]> => (await admin.listGroups()).groups.map(({ groupId }) => groupId);
    const before = new Set(await groups());
    for (let round = 0; round < 5; round += 1) {
      const { name, code, found, tookMs } = await doctor({});
      expect(found.filter(({ ok }) => !ok)).toEqual([]);
      expect(code).toBe(0);
      expect(tookMs).toBeLessThan(20_000);
      expect((await admin.listTopics()).filter((topic) => topic.startsWith(name))).toEqual([]);
      expect((await groups()).filter((group) => group.startsWith(name) && !before.has(group))).toEqual([]);
    }
  });

  it("names settings of topics that delete or refuse records, and prints the command that mends them", async () => {
    const prefix = uniqueName("drift");
    const servers = { topics: { prefix } };
    const file = join(folder.path, `${prefix}.yaml`);
    writeFileSync(file, stringify(configWith(prefix, servers)));
    await run(process.execPath, [join(root, "bin/carillon.js"), "--config", file, "prepare"], { env: cleanEnvironment() });
    expect((await doctor(servers)).found).toContainEqual(
      expect.objectContaining({ what: "topics", ok: true, found: "topic settings accept and retain all records" }),
    );
    const topic = `${prefix}.requests.bulk`;
    const change = (name: string, value: string) =>
      admin.alterConfigs({
        validateOnly: false,
        resources: [{ type: topicResource, name: topic, configEntries: [{ name, value }] }],
      });
    await change("cleanup.policy", "compact");
    const { code, found } = await doctor(servers);
    expect(code).toBe(1);
    const line = found.find(({ what, ok }) => what === "topics" && !ok);
    expect(line?.found).toContain(`cleanup.policy is compact on ${topic}: compaction deletes all but the newest record of a key`);
    expect(line?.fix).toContain(`--entity-name ${topic} --add-config cleanup.policy=delete`);
    await change("cleanup.policy", "delete");
    await admin.deleteTopics({ topics: [topic] });
    // as far as doctor can see, nothing may have started yet
    expect((await doctor(servers)).found.find(({ what }) => what === "Kafka")?.found).toMatch(
      /of \d+ topics exist; the others will be created at start/,
    );
  });

  it("names each server that does not answer, with what to do, and ends all the same", async () => {
    const nowhere = "127.0.0.1:9";
    const away = {
      kafka: { brokers: [nowhere] },
      redis: { url: `redis://${nowhere}` },
      mongo: { url: `mongodb://${nowhere}` },
      registry: { url: `http://${nowhere}` },
    };
    const { code, found, tookMs } = await doctor(away);
    expect(code).toBe(1);
    const ill = found.filter(({ ok }) => !ok);
    for (const server of ["Kafka", "Redis", "MongoDB", "registry"]) {
      const line = ill.find(({ fix = "" }) => new RegExp(server, "i").test(fix));
      expect(line, server).toBeDefined();
    }
    expect(tookMs).toBeLessThan(40_000);
  });
});
