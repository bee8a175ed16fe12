import { afterAll, beforeAll, expect, it } from "vitest";
import { createLogger } from "../../operations/telemetry/logger.js";
import type { Provider } from "../../processors/provider.js";
import { receipt } from "../../processors/reading.js";
import type { Receipt } from "../../processors/receipt.js";
import { type Carillon, startCarillon } from "../../service/carillon.js";
import { loadConfig } from "../../service/load-config.js";
import { createAccepter } from "../../sources/accepter.js";
import { systemClock } from "../../stores/clock.js";
import { namesOf } from "../../topology/names.js";
import { createRandom } from "../simulation/random.js";
import { eventually } from "../support/eventually.js";
import { checkedMessage } from "../support/requests.js";
import { countsOf } from "../support/rollups.js";
import { scratchFolder } from "../support/scratch.js";

const receiptCount = 100_000;
const [earlyShare, unknownShare, duplicateShare, failedShare] = [0.05, 0.01, 0.1, 0.2];
const unknownCount = receiptCount * unknownShare;
/** The number left without the unknown and the duplicate receipts. */
const messageCount = Math.round((receiptCount - unknownCount) / (1 + duplicateShare));

let carillon: Carillon;
const folder = scratchFolder();
const identity = { name: "ledger", channel: "push" } as const;
const providerMessageIdOf = (messageId: string): string => `r-${messageId}`;
const random = createRandom(20_261_122, "receipts");
const isFailed = new Map<string, boolean>();
const finalOf = (messageId: string): Receipt => ({
  providerMessageId: providerMessageIdOf(messageId),
  ...(isFailed.get(messageId)
    ? { event: "permanent_failure" as const, reason: "recipient_rejected" as const }
    : { event: "delivered" as const }),
});

/** Accepts everything. For one in twenty it reports before it answers. */
const early = new Set<string>();
const ledger: Provider = {
  ...identity,
  send: async ({ messageId }) => {
    isFailed.set(messageId, random.chance(failedShare));
    if (random.chance(earlyShare)) {
      early.add(messageId);
      await carillon.assembly.tools.answered(identity, [receipt(finalOf(messageId))]);
    }
    return { kind: "accepted", providerMessageId: providerMessageIdOf(messageId) };
  },
  healthCheck: async () => "ledger",
  close: async () => undefined,
};

beforeAll(async () => {
  const config = loadConfig({
    environment: {},
    overrides: { dataDir: folder.path, http: { enabled: false }, delivery: { earlyReceiptRetryDelaysMs: [500, 1_000, 2_000] } },
  });
  carillon = await startCarillon({
    config,
    logger: createLogger("error", "test"),
    providers: (configured) => ({ ...configured, push: [ledger] }),
  });
});
afterAll(async () => {
  await carillon?.stop();
  folder.remove();
});

it(`${receiptCount} receipts in random order, some twice, some early, some of nobody: every status right, none dropped`, async () => {
  const { stores, assembly } = carillon;
  const config = loadConfig({ environment: {}, overrides: { dataDir: folder.path } });
  const accepter = createAccepter(assembly, "command line", stores.log, systemClock);
  const begin = Date.now();
  const ids: string[] = [];
  while (ids.length < messageCount) {
    const bite = Array.from({ length: Math.min(1_000, messageCount - ids.length) }, (_, index) =>
      checkedMessage({ channel: "push", to: `device-${ids.length + index}`, content: { text: "Hi" } }),
    );
    ids.push(...(await accepter.accept(bite, "acme")).map(({ id }) => id));
  }
  await eventually(
    () => isFailed.size,
    (count) => count === messageCount,
    300_000,
    200,
  );
  const reports = ids.filter((id) => !early.has(id)).map(finalOf);
  const duplicates = ids.filter(() => random.chance(duplicateShare)).map(finalOf);
  const unknown = Array.from(
    { length: unknownCount },
    (_, index): Receipt => ({ providerMessageId: `nobody-${index}`, event: "delivered" }),
  );
  const all = random.shuffled([...reports, ...duplicates, ...unknown]);
  for (let from = 0; from < all.length; from += 1_000) await assembly.tools.answered(identity, all.slice(from, from + 1_000).map(receipt));
  // read from the rollups, which are small: observing must not slow down the run
  await eventually(
    async () => {
      const { statuses } = await countsOf(stores.lineage, { tenant: "acme" });
      return (statuses.delivered ?? 0) + (statuses.failed ?? 0);
    },
    (count) => count >= messageCount,
    300_000,
    500,
  );
  const wrong: string[] = [];
  for (const id of ids) {
    const document = await stores.lineage.find(id);
    const wanted = isFailed.get(id) ? "failed" : "delivered";
    if (document?.status !== wanted || document.attempts !== 1) wrong.push(`${id}: ${document?.status}, ${wanted} is right`);
  }
  expect(wrong).toEqual([]);
  const letters = await eventually(
    async () => (await stores.log.scan(namesOf(config).topicOf("dead-letters"), receiptCount)).length,
    (count) => count >= unknownCount,
    60_000,
    500,
  );
  expect(letters).toBe(unknownCount);
  const seconds = (Date.now() - begin) / 1_000;
  console.log(
    `${all.length + early.size} receipts of ${messageCount} messages (${duplicates.length} twice, ${early.size} early, ${unknownCount} of nobody): all right after ${seconds.toFixed(0)} s`,
  );
}, 900_000);
