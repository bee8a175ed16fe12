import { createInterface } from "node:readline";
import { createKeyCheck } from "../../access/key-check.js";
import { createTenantReader } from "../../access/tenant-reader.js";
import { systemClock } from "../../stores/clock.js";
import { openEnvironment } from "../../stores/lmdb-environment.js";
import { createLmdbTenants } from "../../stores/tenants/lmdb-tenants.js";

/** A process that checks each key which it receives as a line, and writes the answer as JSON with the time that it took. */
const [, , folder = ""] = process.argv;
const environment = openEnvironment(folder);
const reader = createTenantReader({
  tenants: createLmdbTenants(environment, systemClock),
  clock: systemClock,
  onTrouble: (error) => process.stderr.write(`${String(error)}\n`),
});
const check = createKeyCheck({ configured: [], reader, now: () => new Date(), onUse: () => undefined });

for await (const key of createInterface({ input: process.stdin })) {
  const [ageMs, beganMs] = [reader.ageMs(), performance.now()];
  const answer = await check(key);
  process.stdout.write(`${JSON.stringify({ ...answer, ageMs, tookMs: performance.now() - beganMs })}\n`);
}
await reader.close();
await environment.close();
