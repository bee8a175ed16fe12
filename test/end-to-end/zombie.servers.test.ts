import { createServer, type Server } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { kafkaClients } from "../../stores/event-log/event-log.js";
import { eventually, steady } from "../support/eventually.js";
import { type Delivery, startDelivery } from "./harness.js";

/** An SMS provider that answers late and records its calls. */
const createLedger = async () => {
  const calls: { readonly to: string; readonly atMs: number }[] = [];
  const server: Server = createServer(async (request, response) => {
    let text = "";
    for await (const chunk of request) text += String(chunk);
    const { to } = JSON.parse(text) as { to: string };
    calls.push({ to, atMs: Date.now() });
    await sleep(200);
    response.writeHead(202, { "content-type": "application/json" }).end(JSON.stringify({ data: [{ message_id: `k-${calls.length}` }] }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  return { calls, url: `http://127.0.0.1:${port}`, close: () => server.closeAllConnections() };
};

const messages = 40;
const numberOf = (index: number): string => `+9198${String(index).padStart(4, "0")}0100`;

const cases = kafkaClients.flatMap((client) => (["at_least_once", "exactly_once"] as const).map((guarantee) => ({ client, guarantee })));

describe.each(cases)("a worker that was stopped, lost its partitions and wakes, in $guarantee by $client", ({ client, guarantee }) => {
  let delivery: Delivery;
  let ledger: Awaited<ReturnType<typeof createLedger>>;
  beforeAll(async () => {
    process.env.CARILLON_TEST_KALEYRA_KEY = "a key of the zombie test";
    ledger = await createLedger();
    delivery = await startDelivery({
      profile: "cluster",
      client,
      guarantee,
      processes: 1,
      config: {
        providers: {
          kaleyra: {
            url: ledger.url,
            sid: "HX1",
            // biome-ignore lint/suspicious/noTemplateCurlyInString: the configuration's own notation
            apiKey: "${env:CARILLON_TEST_KALEYRA_KEY}",
            // biome-ignore lint/suspicious/noTemplateCurlyInString: the configuration's own notation
            callback: { token: "${env:CARILLON_TEST_KALEYRA_KEY}" },
          },
        },
        channels: { sms: { providers: ["kaleyra"], receiptDeadlineMs: 600_000 } },
        lanes: Object.fromEntries(
          ["critical", "high", "normal", "bulk"].map((lane) => [lane, { partitions: 1, consumers: 1, concurrency: 2, guarantee }]),
        ),
      },
    });
  });
  afterAll(async () => {
    await delivery.stop();
    ledger.close();
  });

  const committed = async (): Promise<number> => {
    const { prefix } = delivery.config.topics;
    const [lag] = await delivery.stores.log.lag(`${prefix}.dispatch.dispatch.sms.normal`, `${prefix}.dispatch.sms.normal`);
    return lag?.committed ?? 0;
  };
  const dispatched = async (ids: readonly string[]): Promise<number> => {
    const documents = await delivery.stores.lineage.query(
      "messages_sms",
      { _id: { $in: [...ids] }, status: "dispatched" },
      { limit: messages },
    );
    return documents.length;
  };

  it("commits nothing and sends nothing", async () => {
    const ids = await Promise.all(
      Array.from({ length: messages }, (_, index) => delivery.send({ channel: "sms", to: numberOf(index), content: { text: "Hi" } })),
    );
    await eventually(
      () => ledger.calls.length,
      (count) => count >= 6,
      30_000,
    );
    await delivery.kill("SIGSTOP", 0);
    const sentBefore = ledger.calls.length;
    await delivery.launch();
    await eventually(
      () => dispatched(ids),
      (count) => count === messages,
      90_000,
      250,
    );
    const [offset, sent] = [await steady(committed, 1_000), ledger.calls.length];
    expect(sent).toBeGreaterThan(sentBefore);
    await delivery.kill("SIGCONT", 0);
    await sleep(4_000);
    expect(ledger.calls.length).toBe(sent);
    // a commit from it would move the offset back; its command in flight returns by timer, to the partition's current owner
    expect((await committed()) - offset).toBeGreaterThanOrEqual(0);
    // (at most two records, each with a transaction marker)
    expect((await committed()) - offset).toBeLessThanOrEqual(4);
    // only messages in flight when it was suspended can have been sent twice: their outcome was unknown
    const counts = Array.from({ length: messages }, (_, index) => ledger.calls.filter(({ to }) => to === numberOf(index)).length);
    expect(Math.min(...counts)).toBe(1);
    expect(counts.filter((count) => count > 1).length).toBeLessThanOrEqual(2);
    process.stderr.write(`\n${guarantee}: ${messages} messages, ${ledger.calls.length} sends after a stopped worker woke\n`);
  });
});
