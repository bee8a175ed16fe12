import { afterEach, beforeEach, expect, it } from "vitest";
import { revokeKey } from "../../access/change-keys.js";
import { systemClock } from "../../stores/clock.js";
import { openEnvironment } from "../../stores/lmdb-environment.js";
import { createLmdbTenants } from "../../stores/tenants/lmdb-tenants.js";
import type { Tenant } from "../../stores/tenants/tenants.js";
import { eventually } from "../support/eventually.js";
import { carillonOn, type Running, startOn } from "../support/running.js";
import { scratchFolder } from "../support/scratch.js";

let folder: ReturnType<typeof scratchFolder>;
let running: Running | undefined;
beforeEach(() => {
  folder = scratchFolder();
});
afterEach(async () => {
  running?.child.kill("SIGCONT");
  await running?.stop("SIGKILL");
  running = undefined;
  folder.remove();
});

const stopMs = 20_000;
const probeMs = 15_000;

/** Stops a server that is not writing: one that is stopped in a transaction keeps the store's lock, and no command could write. */
const stopBetweenWrites = async ({ child }: Running): Promise<void> => {
  for (let tries = 1; tries <= 5; tries += 1) {
    child.kill("SIGSTOP");
    if (carillonOn(folder.path, ["tenants", "create", `probe-${tries}`], {}, probeMs).status === 0) return;
    child.kill("SIGCONT");
    await systemClock.sleep(200);
  }
  throw new Error("the server was writing whenever it was stopped");
};

const effectiveMs = 5_000;

it("a server that was stopped refuses a key that was revoked meanwhile, and takes a new one, within 5 seconds", async () => {
  running = await startOn(folder.path);
  const { ask, child } = running;
  const manage = (...args: readonly string[]): string => {
    const { stdout, stderr, status } = carillonOn(folder.path, ["tenants", ...args]);
    expect(status, stderr).toBe(0);
    return stdout.trim();
  };
  const statusOf = async (key: string): Promise<number> => (await ask("/reports", { headers: { authorization: `Bearer ${key}` } })).status;

  // the server makes these changes
  manage("create", "shop");
  const { id, key } = JSON.parse(manage("create-key", "shop", "--scopes", "read", "--json"));
  expect(await statusOf(key)).toBe(200);

  await stopBetweenWrites(running);
  const stoppedMs = performance.now();
  // the commands find no server that answers, so they change the stores
  manage("revoke-key", "shop", id);
  const next = manage("create-key", "shop", "--scopes", "read");
  await systemClock.sleep(Math.max(0, stopMs - (performance.now() - stoppedMs)));
  child.kill("SIGCONT");
  const wokenMs = performance.now();
  expect(await statusOf(key)).toBe(401);
  expect(await statusOf(next)).toBe(200);
  expect(performance.now() - wokenMs).toBeLessThan(effectiveMs);

  // another process changes the store while the server runs
  const environment = openEnvironment(folder.path);
  const tenants = createLmdbTenants(environment, systemClock);
  const [shop] = await tenants.get(["shop"]);
  const nextId = shop?.keys.at(-1)?.id ?? "";
  expect(await tenants.put(revokeKey(shop as Tenant, nextId, new Date()))).toMatchObject({ state: "stored" });
  const beganMs = performance.now();
  await eventually(
    () => statusOf(next),
    (status) => status === 401,
  );
  expect(performance.now() - beganMs).toBeLessThan(effectiveMs);
  await environment.close();
}, 180_000);
