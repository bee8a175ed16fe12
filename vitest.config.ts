import { defineConfig } from "vitest/config";

const common = { isolate: false, testTimeout: 60_000, hookTimeout: 60_000, pool: "threads" as const };

/** `embedded` needs nothing but npm; `servers` needs the real ones, which its global setup provides. */
export default defineConfig({
  test: {
    projects: [
      {
        test: { ...common, name: "embedded", include: ["test/**/*.test.ts"], exclude: ["test/**/*.servers.test.ts", "test/end-to-end/**"] },
      },
      {
        test: {
          ...common,
          name: "end-to-end",
          include: ["test/end-to-end/**/*.test.ts"],
          exclude: ["test/**/*.servers.test.ts"],
          fileParallelism: false,
        },
      },
      {
        test: {
          ...common,
          name: "servers",
          include: ["test/**/*.servers.test.ts"],
          fileParallelism: false,
          testTimeout: 180_000,
          hookTimeout: 180_000,
          globalSetup: ["test/servers/vitest-setup.ts"],
        },
      },
    ],
  },
});
