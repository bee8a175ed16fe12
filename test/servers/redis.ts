import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { loopback, runServer, type ServerKind } from "./server.js";
import { aptInstall, freePort, hasCommand, startDaemon, waitForPort } from "./shell.js";

/** Redis from Debian's packages, with its append-only file or with nothing kept. */
export const redisWith = (appendOnly: boolean): ServerKind => ({
  name: "Redis",
  variable: "CARILLON_TEST_REDIS",
  install: async () => {
    if (!(await hasCommand("redis-server"))) await aptInstall("redis-server");
  },
  start: async (_folder, data, host = loopback) => {
    const port = await freePort(host);
    await mkdir(data, { recursive: true });
    const log = join(data, "redis.log");
    const options = {
      port: String(port),
      bind: host,
      "protected-mode": "no",
      dir: data,
      save: "",
      appendonly: appendOnly ? "yes" : "no",
    };
    const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, value]);
    return runServer(`redis://${host}:${port}`, async () => {
      const daemon = startDaemon("redis-server", args, log);
      await waitForPort("Redis", port, 20_000, log, host);
      return daemon;
    });
  },
});

export const redis = redisWith(true);
