import { existsSync, mkdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { checkMessage } from "../../client/check-message.js";
import { createLogger } from "../../operations/telemetry/logger.js";
import { startCarillon } from "../../service/carillon.js";
import { loadConfig } from "../../service/load-config.js";
import { createAccepter } from "../../sources/accepter.js";
import { systemClock } from "../../stores/clock.js";
import { commandLine } from "../support/command-line.js";
import { eventually } from "../support/eventually.js";
import { scratchFolder } from "../support/scratch.js";

const folder = scratchFolder();
afterAll(() => folder.remove());

const carillon = (...args: string[]) => commandLine(args, { CARILLON_DATA_DIR: folder.path });

let bounced: string;

beforeAll(async () => {
  const config = loadConfig({ environment: {}, overrides: { dataDir: folder.path, http: { enabled: false } } });
  const running = await startCarillon({ config, logger: createLogger("error", "test") });
  const accepter = createAccepter(running.assembly, "command line", running.stores.log, systemClock);
  const recipients = ["success+1@sandbox.carillon.test", "success+2@sandbox.carillon.test", "bounce@sandbox.carillon.test"];
  const messages = recipients.flatMap((to) => checkMessage({ channel: "email", to, content: { subject: "Hi", text: "Hi" } }).message ?? []);
  const accepted = await accepter.accept(messages, "shop");
  bounced = accepted[2]?.id ?? "";
  await eventually(
    () => running.stores.lineage.count("messages_email", { final: true }),
    (count) => count === 3,
  );
  await running.stop();
});

it("ends with 1 where a script waits for a message that is not delivered", async () => {
  const { stdout, status } = await carillon("status", bounced, "--wait");
  expect(stdout).toContain("failed");
  expect(status).toBe(1);
});

it("refuses arguments that are not UTF-8, which Node gives with U+FFFD in them", async () => {
  const { stderr, status } = await carillon("send", "--channel", "sms", "--to", "+14155550100", "--text", "caf\ufffd");
  expect(stderr).toContain("is not UTF-8");
  expect(status).toBe(1);
});

it("says in one line why, by recipient and by id", async () => {
  const { stdout, status } = await carillon("why", "bounce@sandbox.carillon.test");
  expect(status).toBe(0);
  expect(stdout).toMatch(/failed at .* after 1 attempt, the last by sandbox: .*refuses this recipient \(recipient_rejected\): "550/);
  expect((await carillon("why", bounced)).stdout).toBe(stdout);
  const nobody = await carillon("why", "nobody@example.com");
  expect(nobody.status).toBe(1);
  expect(nobody.stderr).toContain("no message has the recipient or id nobody@example.com");
});

it("adds up what happened", async () => {
  const { stdout, status } = await carillon("reports", "summary", "--by", "channel,provider", "--from", "today");
  expect(status).toBe(0);
  expect(stdout).toMatch(/email +sandbox +3 +2 +66\.7% +1 +0/);
  expect(stdout).toContain("not delivered: recipient_rejected 1");
  const wrong = await carillon("reports", "summary", "--by", "colour");
  expect(wrong.status).toBe(1);
  expect(wrong.stderr).toContain("--by");
  expect((await carillon("reports", "summary", "--from", "soon")).stderr).toContain('from: "soon" is not a time');
});

it("exports, and goes on where it was broken off", async () => {
  const out = join(folder.path, "messages.csv");
  expect((await carillon("reports", "export", "messages_email", "--out", out)).stdout).toContain("3 rows");
  const whole = readFileSync(out, "utf8");
  expect(whole.trim().split("\r\n")).toHaveLength(4);
  // as an interruption after the first row leaves it, with one row more than recorded
  const lines = whole.split("\r\n");
  const begun = `${lines.slice(0, 2).join("\r\n")}\r\n`;
  const [id = "", acceptedAt = ""] = (lines[1] ?? "").split(",").map((cell) => cell.replace(/^"|"$/g, ""));
  writeFileSync(`${out}.part`, `${begun}${lines[2]?.slice(0, 9)}`);
  const question = JSON.stringify(["messages_email", "csv", "", false]);
  const notes = { cursor: `${acceptedAt},${id}`, rows: 1, bytes: Buffer.byteLength(begun), before: new Date().toISOString(), question };
  writeFileSync(`${out}.part.json`, JSON.stringify(notes));
  const again = await carillon("reports", "export", "messages_email", "--out", out);
  expect(again.stderr).toContain("resuming after 1 row\n");
  expect(readFileSync(out, "utf8")).toBe(whole);
  writeFileSync(`${out}.part`, begun);
  writeFileSync(`${out}.part.json`, "{half");
  expect((await carillon("reports", "export", "messages_email", "--out", out)).stderr).toContain(
    `${out}.part.json does not hold the progress`,
  );
  const nowhere = join(folder.path, "nowhere");
  expect((await carillon("reports", "export", "messages_email", "--out", join(nowhere, "x.csv"))).stderr).toContain(
    `the folder ${nowhere} does not exist`,
  );
  expect((await carillon("reports", "export", "everything")).stderr).toContain("unknown collection everything");
});

it("leaves nothing where it refuses", async () => {
  const at = (name: string): string => join(folder.path, name);
  const refusal = async (...args: string[]) => (await carillon("reports", "export", "messages_email", ...args)).stderr;
  mkdirSync(at("folder"));
  expect(await refusal("--out", at("folder"))).toContain("is a folder");
  expect(existsSync(at("folder.part"))).toBe(false);
  expect(await refusal("--out", at("refused.csv"), "--filter", '{"to":{"$regex":"["}}')).toContain("$regex");
  expect(existsSync(at("refused.csv.part"))).toBe(false);
  expect(await refusal("--out", at("lineage.csv"), "--lineage")).toContain("--lineage: csv");
});

it.skipIf(process.platform !== "linux")("names the file that the system refuses, with a fix", async () => {
  const { stderr, status } = await carillon("reports", "export", "messages_email", "--out", "/proc/x.csv");
  expect(stderr).toMatch(/--out: \/proc\/x\.csv cannot be written: .*\n +fix: check the permissions/);
  expect(status).toBe(1);
});

it("names the option of a wrong value", async () => {
  expect((await carillon("reports", "summary", "--from", "soon")).stderr).toContain("--from: ");
});

it("begins again where the file has less than was noted", async () => {
  const out = join(folder.path, "short.csv");
  await carillon("reports", "export", "messages_email", "--out", out);
  const whole = readFileSync(out, "utf8");
  const question = JSON.stringify(["messages_email", "csv", "", false]);
  writeFileSync(`${out}.part`, whole);
  truncateSync(`${out}.part`, 10);
  writeFileSync(`${out}.part.json`, JSON.stringify({ rows: 1, bytes: 200, before: new Date().toISOString(), question }));
  await carillon("reports", "export", "messages_email", "--out", out);
  expect(readFileSync(out, "utf8")).toBe(whole);
});

it("counts anew", async () => {
  expect((await carillon("reports", "rebuild")).stdout).toContain("3 messages counted");
  expect((await carillon("reports", "summary", "--from", "today")).stdout).toMatch(/^3 +2 /m);
});
