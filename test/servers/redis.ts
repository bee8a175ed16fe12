import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { ServerKind } from "./server.js";
import { aptInstall, freePort, hasCommand, startDaemon, waitForPort } from "./shell.js";

/** Redis from Debian's packages, with its append-only file. */
export const redis: ServerKind = {
  name: "Redis",
  variable: "CARILLON_TEST_REDIS",
  install: async () => {
    if (!(await hasCommand("redis-server"))) await aptInstall("redis-server");
  },
  start: async (_folder, data) => {
    const port = await freePort();
    await mkdir(data, { recursive: true });
    const log = join(data, "redis.log");
    const options = ["--port", String(port), "--bind", "127.0.0.1", "--dir", data, "--save", "", "--appendonly", "yes"];
    const daemon = startDaemon("redis-server", options, log);
    await waitForPort("Redis", port, 20_000, log);
    return { address: `redis://127.0.0.1:${port}`, stop: daemon.stop };
  },
};
