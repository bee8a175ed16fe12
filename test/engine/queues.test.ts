import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { queuesOf } from "../../engine/graphs.js";
import type { Queue } from "../../engine/queue.js";
import { assemble } from "../../service/assemble.js";
import { loadConfig } from "../../service/load-config.js";
import { createMemoryStores } from "../../service/memory-stores.js";
import { systemClock } from "../../stores/clock.js";
import { allDeliveryQueues, deliveryQueuesOf } from "../../topology/delivery-queues.js";
import { matchesQueue } from "../../topology/queues.js";

it("names every queue of the topology", async () => {
  const secret = `whsec_${Buffer.alloc(24, 1).toString("base64")}`;
  const webhooks = { tenants: { acme: { url: "https://acme.test", secret } } };
  const config = loadConfig({ environment: {}, overrides: { webhooks, tenantTopics: { tenants: ["acme", "shop"] } } });
  const { graphs } = await assemble(config, createMemoryStores(systemClock), systemClock);
  const byName = (one: Queue, other: Queue): number => one.name.localeCompare(other.name);
  expect([...allDeliveryQueues(config)].sort(byName)).toEqual([...queuesOf(graphs)].sort(byName));
  expect(deliveryQueuesOf(loadConfig({ environment: {} })).map(({ sub }) => sub)).not.toContain("webhook");
  expect(deliveryQueuesOf(loadConfig({ environment: {} })).map(({ sub }) => sub)).not.toContain("ingress");
  expect(
    deliveryQueuesOf(config)
      .filter(({ sub }) => sub === "ingress")
      .map(({ topic }) => topic),
  ).toEqual(["ingress.acme", "ingress.shop"]);
});

it("fits patterns by their stars alone", () => {
  expect(matchesQueue([], "intake/requests.bulk")).toBe(true);
  expect(matchesQueue(["intake/*"], "intake/requests.bulk")).toBe(true);
  expect(matchesQueue(["dispatch/*.bulk"], "dispatch/dispatch.sms.bulk")).toBe(true);
  expect(matchesQueue(["dispatch/dispatch?sms.bulk"], "dispatch/dispatch.sms.bulk")).toBe(false);
  expect(matchesQueue(["none"], "intake/requests.bulk")).toBe(false);
});

const root = fileURLToPath(new URL("../..", import.meta.url));
const sources = execFileSync("git", ["ls-files", "*.ts", "*.tsx"], { cwd: root, encoding: "utf8" })
  .split("\n")
  .filter((path) =>
    /^(client|config|engine|processors|sinks|topology|sources|operations|reports|http|service|cli|console|docs)\//.test(path),
  );

/** Code that would derive a lane, a channel or a sub-topology from a name. */
const readings = [
  /split\("[./]"\)\s*\.at\(/,
  /\?\? "(normal|high|bulk)"/,
  /\(critical\|high/,
  /(startsWith|endsWith)\("\.?(intake|dispatch|respond|announce|webhook|record|requests|receipts|critical|high|normal|bulk)\b/,
  /(sub|subTopology) === "/,
];

it.each(sources)("%s reads no lane, channel or sub-topology out of a name", (path) => {
  const text = readFileSync(`${root}/${path}`, "utf8");
  for (const reading of readings) expect(text).not.toMatch(reading);
});
