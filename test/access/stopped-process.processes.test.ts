import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { addKey, revokeKey } from "../../access/change-keys.js";
import { newTenant } from "../../access/configured-tenants.js";
import { systemClock } from "../../stores/clock.js";
import { type LmdbEnvironment, openEnvironment } from "../../stores/lmdb-environment.js";
import { createLmdbTenants } from "../../stores/tenants/lmdb-tenants.js";
import type { Tenant } from "../../stores/tenants/tenants.js";
import { cleanEnvironment } from "../support/clean-environment.js";
import { eventually } from "../support/eventually.js";
import { scratchFolder } from "../support/scratch.js";

const program = fileURLToPath(new URL("check-key-by-line.ts", import.meta.url));
const stopMs = 20_000;

interface Answer {
  readonly principal?: { readonly tenant: string };
  readonly refusal?: string;
  readonly ageMs: number | null;
  readonly tookMs: number;
}

/** A process that checks keys in the store of a folder. */
const startChecks = (folder: string) => {
  const child = spawn(process.execPath, ["--import", "tsx", program, folder], {
    env: cleanEnvironment(),
    stdio: ["pipe", "pipe", "inherit"],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    child,
    send: (key: string) => child.stdin.write(`${key}\n`),
    answer: async (): Promise<Answer> => JSON.parse(String((await lines.next()).value)) as Answer,
  };
};

describe("a process that was stopped", () => {
  const folder = scratchFolder();
  let environment: LmdbEnvironment;
  beforeAll(() => {
    environment = openEnvironment(folder.path);
  });
  afterAll(async () => {
    await environment.close();
    folder.remove();
  });

  it("refuses a key that was revoked meanwhile in its first answer, and learns of others within 5 seconds", async () => {
    const tenants = createLmdbTenants(environment, systemClock);
    const stored = async (): Promise<Tenant> => (await tenants.get(["shop"]))[0] as Tenant;
    await tenants.put(newTenant("shop", "Shop"));
    const wish = { name: "key", scopes: ["send"], test: false, expiresAt: null } as const;
    const first = addKey(await stored(), { ...wish, id: "k1" }, new Date());
    await tenants.put(first.put);
    const { child, send, answer } = startChecks(folder.path);
    try {
      const ask = async (key: string): Promise<Answer> => {
        send(key);
        return answer();
      };
      expect((await ask(first.key)).principal?.tenant).toBe("shop");

      child.kill("SIGSTOP");
      await tenants.put(revokeKey(await stored(), "k1", new Date()));
      send(first.key);
      await systemClock.sleep(stopMs);
      child.kill("SIGCONT");
      const woken = await answer();
      expect(woken).toMatchObject({ refusal: "revoked" });
      expect(woken.tookMs).toBeLessThan(5_000);

      const second = addKey(await stored(), { ...wish, id: "k2" }, new Date());
      await tenants.put(second.put);
      const beganMs = performance.now();
      await eventually(
        () => ask(second.key),
        ({ principal }) => principal?.tenant === "shop",
      );
      expect(performance.now() - beganMs).toBeLessThan(5_000);
    } finally {
      child.kill("SIGCONT");
      child.stdin.end();
      child.kill();
    }
  });
});
