import { afterEach, describe, expect, it } from "vitest";
import { mongo } from "../servers/mongo.js";
import { folderOf } from "../servers/provision.js";
import { accepts } from "../servers/shell.js";
import { eventually } from "../support/eventually.js";
import { scratchFolder } from "../support/scratch.js";
import { serverAddress } from "../support/servers.js";
import { startTcpProxy } from "../support/tcp-proxy.js";
import { type Delivery, startDelivery } from "./harness.js";

/** The promise of docs/operating/servers.md: a server that becomes reachable again is used again within this time. */
const boundMs = 45_000;

const undo: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

const proxyTo = async (address: string) => {
  const url = new URL(address);
  const proxy = await startTcpProxy(url.hostname, Number(url.port));
  undo.push(proxy.stop);
  url.host = `${proxy.host}:${proxy.port}`;
  return { proxy, url: url.href };
};

/** Waits until the worker has used a connection that passes nothing. */
const somethingIsLost = ({ swallowed }: Awaited<ReturnType<typeof startTcpProxy>>): Promise<number> =>
  eventually(swallowed, (count) => count > 0, boundMs);

const start = async (config: Readonly<Record<string, unknown>>): Promise<Delivery> => {
  const delivery = await startDelivery({ profile: "cluster", guarantee: "at_least_once", processes: 1, config });
  undo.push(() => delivery.stop());
  return delivery;
};

const sms = (text: string) => ({ channel: "sms", to: "+14155550100", content: { text } }) as const;

/** Sends, and waits until the lineage has the final status. */
const passes = async (delivery: Delivery, text: string, timeoutMs = 20_000): Promise<number> => {
  const begin = Date.now();
  await delivery.final(await delivery.send(sms(text)), timeoutMs);
  return Date.now() - begin;
};

describe("connections that die without a word", () => {
  it("to MongoDB are replaced: the lineage moves again", async () => {
    const { proxy, url } = await proxyTo(serverAddress("MONGO"));
    const delivery = await start({ mongo: { url } });
    await passes(delivery, "before");
    proxy.swallow();
    const during = await delivery.send(sms("while nothing answers"));
    await somethingIsLost(proxy);
    proxy.passNew();
    await delivery.final(during, boundMs);
    expect(await passes(delivery, "after")).toBeLessThan(boundMs);
  });

  it("to Redis are replaced, those that hear of timers too: retries are made again", async () => {
    const { proxy, url } = await proxyTo(serverAddress("REDIS"));
    const delivery = await start({ redis: { url } });
    await passes(delivery, "before");
    proxy.swallow();
    await somethingIsLost(proxy);
    proxy.passNew();
    const retried = await delivery.send({ channel: "email", to: "flaky@sandbox.carillon.test", content: { subject: "s", text: "t" } });
    const { attempts } = await delivery.final(retried, boundMs);
    expect(attempts).toBeGreaterThan(1);
  });
});

describe("a worker that was stopped while MongoDB was killed", () => {
  it("writes the lineage again once both are back", async () => {
    const data = scratchFolder();
    undo.push(() => data.remove());
    const server = await mongo.start(folderOf(mongo), data.path);
    undo.push(() => server.stop());
    const delivery = await start({ mongo: { url: server.address } });
    await passes(delivery, "before");
    for (let round = 0; round < 2; round += 1) {
      const during = await delivery.send(sms(`round ${round}`));
      await delivery.kill("SIGSTOP");
      await server.signal("SIGKILL");
      await eventually(
        () => accepts(Number(new URL(server.address).port), new URL(server.address).hostname),
        (open) => !open,
      );
      await server.revive();
      await delivery.kill("SIGCONT");
      await delivery.final(during, boundMs);
    }
  });
});
