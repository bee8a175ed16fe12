import { once } from "node:events";
import { existsSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { createLogger } from "../../operations/telemetry/logger.js";
import { startCarillon } from "../../service/carillon.js";
import { loadConfig } from "../../service/load-config.js";
import { holderOf, lockFolder } from "../../stores/folder-lock.js";
import { isStoreHeld } from "../../stores/store-lock.js";
import { eventually } from "../support/eventually.js";
import { carillonOn } from "../support/running.js";
import { scratchFolder } from "../support/scratch.js";

let scratch: ReturnType<typeof scratchFolder>;
beforeEach(() => {
  scratch = scratchFolder();
});
afterEach(() => scratch.remove());

const takenPort = async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  return { port: (server.address() as AddressInfo).port, free: () => server.close() };
};

it("a start that fails at its last step stops what it started: locks, timers, consumers", async () => {
  const { port, free } = await takenPort();
  const folder = join(scratch.path, "data");
  const config = loadConfig({ environment: {}, overrides: { dataDir: folder, http: { port } } });
  const before = process.getActiveResourcesInfo().filter((kind) => kind !== "Immediate").length;
  for (let round = 0; round < 3; round += 1) {
    await expect(startCarillon({ config, logger: createLogger("error", "test") })).rejects.toThrow(`cannot listen on 127.0.0.1:${port}`);
    expect(holderOf(folder)).toBeUndefined();
    expect(isStoreHeld(folder)).toBe(false);
  }
  const resources = (): string[] => process.getActiveResourcesInfo().filter((kind) => kind !== "Immediate");
  await eventually(resources, ({ length }) => length <= before + 2);
  (await lockFolder(folder))();
  free();
  const running = await startCarillon({ config, logger: createLogger("error", "test") });
  expect((await fetch(`${running.url}/healthz`)).status).toBe(200);
  await running.stop();
}, 60_000);

it("the command of a failed start ends by itself, with one line", async () => {
  const { port, free } = await takenPort();
  const { status, signal, stderr } = carillonOn(join(scratch.path, "data"), ["start"], { CARILLON_PORT: String(port) });
  free();
  expect(signal).toBeNull();
  expect(status).toBe(1);
  expect(stderr).toContain(`cannot listen on 127.0.0.1:${port}`);
  expect(stderr).not.toMatch(/\n\s+at /);
}, 90_000);

it.each([
  ["a file", (path: string) => writeFileSync(path, "")],
  ["below a file", undefined],
  ["a link that leads nowhere", (path: string) => symlinkSync("/nonexistent/data", path)],
  ["in /proc", undefined],
])("a data folder that is %s is named with its key", async (what, make) => {
  const path = what === "in /proc" ? "/proc/carillon" : join(scratch.path, "data");
  make?.(path);
  if (what === "below a file") writeFileSync(path, "");
  await expect(lockFolder(what === "below a file" ? join(path, "inner") : path)).rejects.toMatchObject({
    code: "CONFIG_INVALID",
    message: expect.stringContaining("the data folder"),
    fix: expect.stringContaining("CARILLON_DATA_DIR"),
  });
  expect(existsSync("/nonexistent")).toBe(false);
});

it("a data folder is made with those above it, all of them private", async () => {
  mkdirSync(join(scratch.path, "given"));
  const folder = join(scratch.path, "given", "inner", "data");
  (await lockFolder(folder))();
  expect(existsSync(folder)).toBe(true);
});
