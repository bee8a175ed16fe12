import { afterAll, beforeAll, expect, it } from "vitest";
import { createLogger } from "../../operations/telemetry/logger.js";
import { type Carillon, startCarillon } from "../../service/carillon.js";
import { loadConfig } from "../../service/load-config.js";
import { scratchFolder } from "../support/scratch.js";

const folder = scratchFolder();
const keys = { acme: "acme-0123456789abcdef", operator: "operations-0123456789" };
let carillon: Carillon;

beforeAll(async () => {
  const apiKeys = [
    { tenant: "acme", key: keys.acme },
    { tenant: "operations", key: keys.operator, role: "operator" },
  ];
  const config = loadConfig({ environment: {}, overrides: { dataDir: folder.path, http: { port: 0, apiKeys } } });
  carillon = await startCarillon({ config, logger: createLogger("silent", "test") });
});
afterAll(async () => {
  await carillon.stop();
  folder.remove();
});

const post = async (messages: unknown, key = keys.acme) => {
  const headers = { "content-type": "application/json", authorization: `Bearer ${key}` };
  const response = await fetch(`${carillon.url}/v1/messages/batch`, { method: "POST", headers, body: JSON.stringify({ messages }) });
  return { status: response.status, body: (await response.json()) as { results: { id?: string; errors?: { field: string }[] }[] } };
};
const good = { channel: "push", to: "device-success", content: { text: "Hi" } };
const fieldsOf = (results: readonly { readonly errors?: readonly { readonly field: string }[] }[]) =>
  results.map(({ errors }) => errors?.map(({ field }) => field) ?? null);

it("answers what became of each message, in their order", async () => {
  const other = { ...good, idempotencyKey: "batch-1", content: { text: "other" } };
  const { status, body } = await post([good, { ...good, channel: "pigeon" }, null, { ...good, idempotencyKey: "batch-1" }, other, good]);
  expect(status).toBe(200);
  expect(fieldsOf(body.results)).toEqual([null, ["channel"], expect.any(Array), null, ["idempotencyKey"], null]);
  const id = body.results[0]?.id ?? "";
  const view = await fetch(`${carillon.url}/v1/messages/${id}`, { headers: { authorization: `Bearer ${keys.acme}` } });
  expect(await view.json()).toMatchObject({ id, tenant: "acme" });
});

it("lets operators alone name another tenant", async () => {
  const messages = [{ ...good, tenant: "other" }, good];
  expect(fieldsOf((await post(messages)).body.results)).toEqual([["tenant"], null]);
  const unknown = await post(messages, keys.operator);
  expect(unknown.body.results[0]?.errors).toMatchObject([{ field: "tenant", problem: "names a tenant that does not exist" }]);
  const change = async (method: string, path: string, body: object): Promise<void> => {
    const headers = { "content-type": "application/json", authorization: `Bearer ${keys.operator}` };
    expect((await fetch(`${carillon.url}/v1/tenants${path}`, { method, headers, body: JSON.stringify(body) })).ok).toBe(true);
  };
  await change("POST", "", { id: "other" });
  const { results } = (await post(messages, keys.operator)).body;
  expect(fieldsOf(results)).toEqual([null, null]);
  const view = await fetch(`${carillon.url}/v1/messages/${results[0]?.id}`, { headers: { authorization: `Bearer ${keys.operator}` } });
  expect(await view.json()).toMatchObject({ tenant: "other" });
  await change("PATCH", "/other", { status: "suspended" });
  const suspended = await post(messages, keys.operator);
  expect(suspended.body.results[0]?.errors).toMatchObject([{ field: "tenant", problem: "names a tenant that is suspended" }]);
  expect(fieldsOf(suspended.body.results)).toEqual([["tenant"], null]);
});

it("refuses what is no batch", async () => {
  for (const messages of [undefined, [], good, Array.from({ length: 1_001 }, () => good)]) expect((await post(messages)).status).toBe(400);
});

it("refuses a message with a forbidden field name alone", async () => {
  const named = (json: string): unknown => JSON.parse(json);
  const { status, body } = await post([
    good,
    named('{"channel":"push","to":"device-success","content":{"text":"Hi"},"metadata":{"__proto__":"x"}}'),
    named('{"channel":"push","to":"device-success","content":{"text":"Hi"},"variables":{"constructor":{"prototype":{"a":1}}}}'),
    good,
  ]);
  expect(status).toBe(200);
  expect(fieldsOf(body.results)).toEqual([null, ["metadata.__proto__"], ["variables.constructor.prototype"], null]);
});
