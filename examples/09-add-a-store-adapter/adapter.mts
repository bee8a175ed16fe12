// Your own adapter replaces one of the profile's stores: here a message cache in memory that counts its reads.
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  cacheByOne,
  createLogger,
  loadConfig,
  type MessageCache,
  type MessageReference,
  startCarillon,
  systemClock,
  waitUntilFinal,
} from "carillon";
import { createHttpClient } from "carillon-client";

/** The type MessageCache documents what an adapter must guarantee. cacheByOne makes one from functions for single messages. */
const createCountingCache = (counts: { gets: number }): MessageCache => {
  const messages = new Map<string, { readonly value: Buffer; readonly endMs: number }>();
  const references = new Map<string, { readonly reference: MessageReference; readonly endMs: number }>();
  return cacheByOne({
    put: async (messageId, value, ttlMs) => void messages.set(messageId, { value, endMs: systemClock.now() + ttlMs }),
    get: async (messageId) => {
      counts.gets += 1;
      const held = messages.get(messageId);
      return held && held.endMs > systemClock.now() ? held.value : undefined;
    },
    link: async (provider, providerMessageId, reference, ttlMs) =>
      void references.set(`${provider}:${providerMessageId}`, { reference, endMs: systemClock.now() + ttlMs }),
    resolve: async (provider, providerMessageId) => {
      const held = references.get(`${provider}:${providerMessageId}`);
      return held && held.endMs > systemClock.now() ? held.reference : undefined;
    },
    close: async () => messages.clear(),
  });
};

const counts = { gets: 0 };
const dataDir = await mkdtemp(join(tmpdir(), "carillon-example-"));
const config = loadConfig({ environment: {}, overrides: { dataDir, http: { port: 0 } } });
const carillon = await startCarillon({
  config,
  logger: createLogger("warn", config.instance),
  stores: () => ({ cache: createCountingCache(counts) }),
});
assert(carillon.url);
const client = createHttpClient({ url: carillon.url });
const result = await client.send({ channel: "email", to: "success@sandbox.carillon.test", content: { subject: "Hello", text: "Hi" } });
assert(result.accepted);
const { status } = await waitUntilFinal(carillon.stores.lineage, result.id);
assert.equal(status, "delivered");
assert(counts.gets > 0);
console.log(`${status}; its receipt found the message in the adapter's cache`);

await client.close();
await carillon.stop();
await rm(dataDir, { recursive: true });
