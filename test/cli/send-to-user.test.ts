import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { createLogger } from "../../operations/telemetry/logger.js";
import { startCarillon } from "../../service/carillon.js";
import { openEmbeddedStores } from "../../service/embedded-stores.js";
import { loadConfig } from "../../service/load-config.js";
import { systemClock } from "../../stores/clock.js";
import { commandLine } from "../support/command-line.js";
import { scratchFolder } from "../support/scratch.js";

const folder = scratchFolder();
afterAll(() => folder.remove());
const environment = { CARILLON_DATA_DIR: join(folder.path, "data") };
const carillon = (...args: readonly string[]) => commandLine(["send", "--text", "Hi", ...args], environment);

it("sends to a user, on the stores of this machine and on its server", async () => {
  const stores = openEmbeddedStores(loadConfig({ environment }), systemClock, () => undefined);
  const key = { tenant: "local", id: "ann" };
  await stores.directory.put([{ ...key, addresses: { email: null, sms: "+14155550100" }, locale: null, timeZone: null, attributes: {} }]);
  await stores.directory.register(["device-1", "device-2"].map((address) => ({ ...key, channel: "push", address, app: null })));
  await stores.close();
  const keyed = ["--user", "ann", "--idempotency-key", "order-7"];
  const local = await carillon(...keyed);
  expect([local.status, local.stdout.trim().split("\n")]).toEqual([0, [expect.any(String), expect.any(String)]]);
  const config = loadConfig({ environment, overrides: { http: { port: 0 } } });
  const running = await startCarillon({ config, logger: createLogger("silent", "test") });
  const onServer = (...args: readonly string[]) => commandLine(["send", "--text", "Hi", ...args], { CARILLON_URL: running.url ?? "" });
  expect(await onServer(...keyed)).toMatchObject({ status: 0, stdout: local.stdout });
  const sms = await onServer("--user", "ann", "--channel", "sms", "--json");
  expect(JSON.parse(sms.stdout)).toMatchObject({ messages: [{ channel: "sms" }] });
  expect(await onServer("--user", "ben")).toMatchObject({ status: 1, stderr: expect.stringContaining("recipient.user") });
  const unreachable = await onServer("--user", "ann", "--channel", "email");
  expect(unreachable).toMatchObject({ status: 1, stderr: expect.stringContaining("has no address on email") });
  const steps = ["--user", "ann", "--channel", "push", "--fallback", "sms:delivered:10min", "--json"];
  for (const answer of [await carillon(...steps), await onServer(...steps)]) {
    const { messages } = JSON.parse(answer.stdout) as { messages: { channel: string; step: number }[] };
    expect(messages.map(({ channel, step }) => [channel, step])).toEqual([...Array(2).fill(["push", 1]), ["sms", 2]]);
  }
  await running.stop();
});

it("names the options of a recipient that are missing, or too many", async () => {
  expect(await carillon("--user", "ann", "--to", "+14155550100")).toMatchObject({ status: 1, stderr: expect.stringContaining("--user") });
  const none = await carillon();
  expect(none.status).toBe(1);
  for (const field of ["channel is missing", "to is missing"]) expect(none.stderr).toContain(field);
  const fallback = ["--fallback", "sms:delivered:10min"];
  for (const args of [fallback, ["--user", "ann", ...fallback]])
    expect(await carillon(...args)).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/--fallback: is given without --(user|channel)/),
    });
  for (const step of ["sms", "sms:delivered", "fax:delivered:1h", "sms:seen:1h", "sms:delivered:8d", "sms:delivered:200h"])
    expect(await carillon("--user", "ann", "--channel", "push", "--fallback", step), step).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("--fallback <step>"),
    });
  const unknown = await carillon("--user", "carl");
  expect(unknown).toMatchObject({ status: 1, stderr: expect.stringContaining("recipient.user: is not a user of the tenant") });
});
