import { afterAll, beforeAll, expect, it } from "vitest";
import { createLogger } from "../../operations/telemetry/logger.js";
import type { LineageStepEvent } from "../../schemas/lineage-steps.js";
import { type Carillon, startCarillon } from "../../service/carillon.js";
import { openEmbeddedStores } from "../../service/embedded-stores.js";
import { loadConfig } from "../../service/load-config.js";
import { systemClock } from "../../stores/clock.js";
import { eventually } from "../support/eventually.js";
import { scratchFolder } from "../support/scratch.js";

const folder = scratchFolder();
let carillon: Carillon;

const yesterday = Date.now() - 86_400_000;
const bare = { tenant: "bank", channel: "sms", lane: "critical", reason: null, instance: "test", provider: null, to: null };

/** A message that was delivered yesterday. */
const stepsOf = (messageId: string, region: string): LineageStepEvent[] => {
  const common = { ...bare, messageId };
  return [
    {
      ...common,
      eventId: `${messageId}:accept`,
      stage: "accept",
      outcome: "accepted",
      status: "accepted",
      attempt: 0,
      at: yesterday,
      details: { region },
    },
    {
      ...common,
      eventId: `${messageId}:end`,
      stage: "feedback",
      outcome: "delivered",
      status: "delivered",
      attempt: 1,
      at: yesterday + 900,
      details: {},
    },
  ];
};

beforeAll(async () => {
  const daily = [{ name: "kerala", to: ["analyst@sandbox.carillon.test"], by: ["region"], pattern: "* * * * * *" }];
  const config = loadConfig({ environment: {}, overrides: { dataDir: folder.path, http: { enabled: false }, reports: { daily } } });
  const stores = openEmbeddedStores(config, systemClock, () => undefined);
  const events = [...stepsOf("one", "IN-KL"), ...stepsOf("two", "IN-KL"), ...stepsOf("three", "IN-TN")];
  await stores.lineage.append(events.map((event, offset) => ({ event, partition: 99, offset })));
  await stores.close();
  carillon = await startCarillon({ config, logger: createLogger("error", "test") });
});
afterAll(async () => {
  await carillon.stop();
  folder.remove();
});

it("reports yesterday by email, by Carillon's own way, once however often the job runs", async () => {
  const outbox = () => carillon.assembly.outbox.latest("email", 10);
  const [mail] = await eventually(outbox, (entries) => entries.length > 0, 15_000, 100);
  expect(mail?.content.subject).toMatch(/^kerala, \d{4}-\d\d-\d\d: 3 messages, 100\.0% delivered$/);
  expect(mail?.content.html).toMatch(/IN-KL.*2.*IN-TN.*1/s);
  const [file] = mail?.content.attachments ?? [];
  expect(file?.filename).toMatch(/^kerala-\d{4}-\d\d-\d\d\.csv$/);
  expect(Buffer.from(file?.content ?? "", "base64").toString()).toMatch(/^"region","messages",.*\r\n"IN-KL",2,/);
  const document = () => carillon.stores.lineage.find(mail?.messageId ?? "");
  await eventually(document, (found) => found?.lineage.filter(({ outcome }) => outcome === "duplicate").length === 2, 15_000, 100);
  expect(await outbox()).toHaveLength(1);
});
