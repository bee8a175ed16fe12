import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { localServerOf } from "../../cli/remote/local-server.js";
import type { Config } from "../../config/schema.js";
import { createLogger } from "../../operations/telemetry/logger.js";
import { type Carillon, startCarillon } from "../../service/carillon.js";
import { loadConfig } from "../../service/load-config.js";
import { runHeader } from "../../wire/run-header.js";
import { commandLine } from "../support/command-line.js";
import { answerJson, startHttpPeer } from "../support/http-peer.js";
import { scratchFolder } from "../support/scratch.js";

const folder = scratchFolder();
const lockFile = join(folder.path, "running.lock");
let carillon: Carillon;
let config: Config;
let asWritten: string;

const configOf = (apiKeys: readonly object[]): Config =>
  loadConfig({ environment: {}, overrides: { dataDir: folder.path, http: { port: 0, apiKeys } } });
const operator = { tenant: "operations", key: "operations-0123456789", role: "operator" };

beforeAll(async () => {
  config = configOf([operator]);
  carillon = await startCarillon({ config, logger: createLogger("silent", "test") });
  asWritten = readFileSync(lockFile, "utf8");
});
afterEach(() => writeFileSync(lockFile, asWritten));
afterAll(async () => {
  await carillon.stop();
  folder.remove();
});

it("is found by the lock of its data folder, with the configured key of an operator", async () => {
  expect(await localServerOf(config)).toEqual({ url: carillon.url, key: operator.key, isLocal: true });
});

it("is not asked with a key that it does not know, nor where no key of an operator is configured", async () => {
  expect(await localServerOf(configOf([{ ...operator, key: "another-0123456789abc" }]))).toBeUndefined();
  expect(await localServerOf(configOf([{ tenant: "acme", key: "acme-0123456789abcdef" }]))).toBeUndefined();
});

it("gives no key to another server at its address", async () => {
  const peer = await startHttpPeer(answerJson(200, { status: "ok" }, { [runHeader]: "another run" }));
  const holder = JSON.parse(asWritten) as { address: object };
  writeFileSync(lockFile, JSON.stringify({ ...holder, address: { ...holder.address, url: peer.url } }));
  expect(await localServerOf(config)).toBeUndefined();
  expect(peer.calls.map(({ url, headers }) => [url, headers.authorization])).toEqual([["/healthz", undefined]]);
  await peer.stop();
});

it("is not looked for on another host, nor where nothing is noted", async () => {
  const { host: _, ...holder } = JSON.parse(asWritten) as Readonly<Record<string, unknown>>;
  writeFileSync(lockFile, JSON.stringify({ ...holder, host: "another-host" }));
  expect(await localServerOf(config)).toBeUndefined();
  writeFileSync(lockFile, "");
  expect(await localServerOf(config)).toBeUndefined();
});

it("takes the messages of a command that names no server", async () => {
  const file = join(folder.path, "carillon.yaml");
  writeFileSync(file, JSON.stringify({ dataDir: folder.path, http: { apiKeys: [{ ...operator, key: `\${env:OPERATOR_KEY}` }] } }));
  const args = ["--config", file, "send", "--channel", "sms", "--to", "+14155550100", "--text", "Hi", "--wait"];
  const { stdout, stderr, status } = await commandLine(args, { OPERATOR_KEY: operator.key });
  expect(stdout, stderr).toContain("delivered");
  expect(status).toBe(0);
  const [accepted] = (await carillon.metrics.accepted.get()).values;
  expect(accepted).toMatchObject({ labels: { channel: "sms" }, value: 1 });
});
