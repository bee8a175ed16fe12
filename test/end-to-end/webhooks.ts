import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Webhook } from "standardwebhooks";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { cleanEnvironment } from "../support/clean-environment.js";
import { eventually } from "../support/eventually.js";
import { answerJson, type HttpPeer, startHttpPeer } from "../support/http-peer.js";
import { scratchFolder } from "../support/scratch.js";
import { type Delivery, type DeliveryOptions, nameOf, startDelivery } from "./harness.js";

const secret = `whsec_${Buffer.from("another secret of 32 bytes here!").toString("base64")}`;
const root = fileURLToPath(new URL("../..", import.meta.url));

/** A tenant's webhook from its receiver's viewpoint, and the commands that manage it. */
export const describeWebhooks = (options: DeliveryOptions): void => {
  describe(`webhooks, ${nameOf(options)}`, () => {
    let peer: HttpPeer;
    let delivery: Delivery;
    const folder = scratchFolder();
    beforeAll(async () => {
      peer = await startHttpPeer(answerJson(200, {}));
      process.env.CARILLON_TEST_WEBHOOK_SECRET = secret;
      delivery = await startDelivery({
        ...options,
        config: {
          webhooks: {
            tenants: { local: { url: `${peer.url}/hook`, secret: "$" + "{env:CARILLON_TEST_WEBHOOK_SECRET}" } },
            allowAddresses: ["127.0.0.0/8", "::1/128"],
            retryDelaysMs: [200, 400, 800, 1_600, 3_200],
          },
        },
      });
    }, 90_000);
    beforeEach(() => {
      peer.calls.length = 0;
      peer.answers(answerJson(200, {}));
    });
    afterAll(async () => {
      await delivery?.stop();
      await peer.stop();
      folder.remove();
    }, 90_000);

    const email = (name: string) => ({
      channel: "email",
      to: `${name}@sandbox.carillon.test`,
      lane: "high",
      content: { subject: "Hello", text: "Hi" },
    });
    const told = () =>
      peer.calls.map(
        ({ body, headers }) =>
          new Webhook(secret).verify(body, headers as Record<string, string>) as { type: string; data: { messageId: string } },
      );
    const toldOf = (id: string) => told().filter(({ data }) => data.messageId === id);
    /** The command line with the configuration of the running processes. */
    const carillon = (...args: readonly string[]): Promise<string> =>
      new Promise((resolve, reject) => {
        const file = join(folder.path, "carillon.yaml");
        const { webhooks, ...config } = delivery.config;
        const { local } = webhooks.tenants;
        const written = { ...webhooks, tenants: { local: { ...local, secret: "$" + "{env:CARILLON_TEST_WEBHOOK_SECRET}" } } };
        writeFileSync(file, stringify({ ...config, webhooks: written, providers: undefined }));
        const child = spawn(process.execPath, [join(root, "bin/carillon.js"), "--config", file, ...args], {
          env: { ...cleanEnvironment(), NO_COLOR: "1" },
        });
        let output = "";
        for (const stream of [child.stdout, child.stderr])
          stream.on("data", (chunk: Buffer) => {
            output += chunk.toString();
          });
        child.once("exit", (code) => (code === 0 ? resolve(output) : reject(new Error(output))));
      });

    it("tells once what became of a message, signed so that the standard's own library takes it", async () => {
      const id = await delivery.send(email("success"));
      await eventually(
        () => toldOf(id).length,
        (count) => count > 0,
      );
      expect(toldOf(id)).toMatchObject([{ type: "message.delivered", data: { kind: "final", status: "delivered" } }]);
      await eventually(
        () => delivery.view(id),
        (view) => view.lineage?.some(({ stage, outcome }) => stage === "webhook" && outcome === "posted") === true,
      );
    });

    it("tries again until it is taken", async () => {
      let refusals = 2;
      peer.answers((response, call) => answerJson(refusals-- > 0 ? 503 : 200, {})(response, call));
      const id = await delivery.send(email("bounce"));
      await eventually(
        () => toldOf(id).length,
        (count) => count === 3,
      );
      const view = await eventually(
        () => delivery.view(id),
        (found) => found.lineage.filter(({ stage }) => stage === "webhook").length === 3,
      );
      expect(view.lineage.filter(({ stage }) => stage === "webhook").map(({ outcome }) => outcome)).toEqual(["failed", "failed", "posted"]);
    });

    it("is switched off by 410, is told what it missed once it is on again", async () => {
      const since = new Date(Date.now() - 1_000).toISOString();
      peer.answers(answerJson(410, {}));
      const first = await delivery.send(email("success"));
      await eventually(
        () => carillon("webhooks", "list"),
        (output) => output.includes("disabled since") && output.includes("the webhook returned 410"),
      );
      const calls = peer.calls.length;
      const missed = await delivery.send(email("success"));
      await eventually(
        () => delivery.view(missed),
        (view) => view.lineage?.some(({ stage, outcome }) => stage === "webhook" && outcome === "off") === true,
        20_000,
      );
      expect(peer.calls.length).toBeLessThanOrEqual(calls + options.processes);
      peer.answers(answerJson(200, {}));
      peer.calls.length = 0;
      // a foreign record, which hides no feedback
      await delivery.stores.log.append([{ topic: `${delivery.config.topics.prefix}.feedback`, key: null, value: Buffer.from("none") }]);
      expect(await carillon("webhooks", "enable", "local", "--replay-from", since)).toContain("events replayed");
      await eventually(
        () => [first, missed].every((id) => toldOf(id).length > 0),
        (all) => all,
        20_000,
      );
      expect(await carillon("webhooks", "list")).toContain("healthy");
    });
  });
};
