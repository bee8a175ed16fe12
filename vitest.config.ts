import { defineConfig } from "vitest/config";

/** Ignores a developer's proxy settings: all peers of these tests are on loopback. */
const env = { NO_PROXY: "*", no_proxy: "*" };
const common = {
  isolate: false,
  testTimeout: 60_000,
  hookTimeout: 60_000,
  pool: "threads" as const,
  setupFiles: ["test/support/check-answers-setup.ts"],
};
/** These depend on real time and other processes, so what fails once is tried again; `.ci/run` names each test that needed it. */
const real = { ...common, retry: 1, testTimeout: 180_000, hookTimeout: 180_000 };
const onServers = { ...real, globalSetup: ["test/servers/vitest-setup.ts"] };
/** Checking each answer would be part of what these measure. */
const unchecked = { ...onServers, setupFiles: [] };
const processes = "test/**/*.processes.test.ts";
const volume = "test/**/*.volume.test.ts";
const servers = "test/**/*.servers.test.ts";
const measured = "test/**/*.measured.test.ts";

/**
 * `embedded` runs for every change and every release of Node.js. `processes` starts, kills and fills up whole Carillons. `volume` sends
 * thousands of messages. These need npm, and Python for schemathesis. `servers` needs the real servers, which its global setup provides. It runs one file at a
 * time, because two at once on two cores exceed the deadlines of their own servers. `measured` runs alone, one file at a time, because its
 * tests measure time. Some of them need the servers as well.
 */
export default defineConfig({
  test: {
    maxWorkers: 4, // most tests wait more than they compute
    projects: [
      {
        test: {
          ...common,
          name: "embedded",
          sequence: { groupOrder: 1 },
          include: ["test/**/*.test.ts"],
          exclude: [processes, volume, servers, measured],
          env,
        },
      },
      { test: { ...real, name: "processes", sequence: { groupOrder: 2 }, include: [processes], env, maxWorkers: 2 } },
      { test: { ...real, name: "volume", sequence: { groupOrder: 3 }, include: [volume], maxWorkers: 2 } },
      { test: { ...onServers, name: "servers", sequence: { groupOrder: 4 }, include: [servers], fileParallelism: false } },
      { test: { ...unchecked, name: "measured", sequence: { groupOrder: 5 }, include: [measured], fileParallelism: false } },
    ],
  },
});
