import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { installPythonTools } from "../servers/python-tools.js";
import { runCommand } from "../servers/shell.js";
import { eventually } from "../support/eventually.js";
import { serverAddress } from "../support/servers.js";
import { type Delivery, startDelivery } from "./harness.js";

const script = fileURLToPath(new URL("./foreign/avro_client.py", import.meta.url));

describe("a foreign client in Python", () => {
  let delivery: Delivery;
  let python: string;
  beforeAll(async () => {
    [delivery, python] = await Promise.all([
      startDelivery({ profile: "cluster", guarantee: "at_least_once", processes: 1 }),
      installPythonTools(),
    ]);
  }, 180_000);
  afterAll(async () => {
    await delivery?.stop();
  });

  it.each([
    ["delivered", "success@sandbox.carillon.test", { status: "delivered" }],
    ["told what is wrong with its recipient", "nobody", { status: "failed", reason: "invalid_recipient" }],
  ])("publishes by the registry's wire format and is %s", async (_what, recipient, expected) => {
    const id = `python-${Date.now()}`;
    const topic = `${delivery.config.topics.prefix}.requests.high`;
    await runCommand(python, [script, serverAddress("KAFKA"), serverAddress("REGISTRY"), topic, id, recipient]);
    const document = await eventually(
      () => delivery.stores.lineage.find(id),
      (found) => found?.final === true,
    );
    expect(document).toMatchObject({ ...expected, tenant: "python", lane: "high", channel: "email" });
  });
});
