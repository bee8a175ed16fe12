// Runs Carillon with your own channel, which the sandbox serves, and sends a message through it.
import "./voice.mjs"; // first: while Carillon is loaded, it derives records, configuration and routes from the list of channels

import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLogger, loadConfig, startCarillon, waitUntilFinal } from "carillon";

const dataDir = await mkdtemp(join(tmpdir(), "carillon-example-"));
const config = loadConfig({ environment: {}, overrides: { dataDir, http: { port: 0 } } });
const carillon = await startCarillon({ config, logger: createLogger("warn", config.instance) });

const response = await fetch(`${carillon.url}/v1/messages`, {
  method: "POST",
  headers: { "content-type": "application/json" },
  body: JSON.stringify({ channel: "voice", to: "+1 415 555 0100", content: { text: "Your table is ready." } }),
});
assert.equal(response.status, 202);
const { id } = (await response.json()) as { readonly id: string };
const { channel, to, status } = await waitUntilFinal(carillon.stores.lineage, id);
console.log(`${channel} to ${to}: ${status}`);
assert.equal(status, "delivered");

await carillon.stop();
await rm(dataDir, { recursive: true });
