import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { freePort } from "../servers/shell.js";
import { scratchFolder } from "../support/scratch.js";

const root = fileURLToPath(new URL("../..", import.meta.url));
const folder = scratchFolder();
afterAll(() => folder.remove());

const carillon = (args: readonly string[], environment: Record<string, string> = {}) => {
  const env = { PATH: process.env.PATH ?? "", NO_COLOR: "1", CARILLON_DATA_DIR: join(folder.path, "data"), ...environment };
  const { status, stdout, stderr } = spawnSync(process.execPath, ["bin/carillon.js", ...args], {
    cwd: root,
    env,
    encoding: "utf8",
    timeout: 60_000,
  });
  return { status, stdout, stderr };
};

describe("the command line as a process", () => {
  it("tells all mistakes of a configuration at once, before anything is opened", () => {
    const file = join(folder.path, "wrong.yaml");
    writeFileSync(
      file,
      "profile: cluster\ncolour: red\nhttp: { port: ninety }\nlanes: { high: { partitions: 0 } }\nkafka: { brokers: [nowhere] }\n",
    );
    const { status, stderr } = carillon(["--config", file, "start"]);
    expect(status).toBe(1);
    expect(stderr).toMatch(/the configuration has [5-9] errors/);
    for (const key of ["colour", "http.port", "lanes.high.partitions", "kafka.brokers.0", "redis.url"]) expect(stderr).toContain(`${key}:`);
  });

  it("says clearly that a broker is not there, and where to look", async () => {
    const servers = {
      CARILLON_PROFILE: "cluster",
      CARILLON_KAFKA_BROKERS: `127.0.0.1:${await freePort()}`,
      CARILLON_REDIS_URL: `redis://127.0.0.1:${await freePort()}`,
      CARILLON_MONGO_URL: `mongodb://127.0.0.1:${await freePort()}`,
      CARILLON_REGISTRY_URL: `http://127.0.0.1:${await freePort()}`,
    };
    const started = carillon(["start"], servers);
    expect(started.status).toBe(1);
    expect(started.stderr).toContain("carillon doctor");
    const { status, stdout } = carillon(["doctor"], servers);
    expect(status).toBe(1);
    for (const what of ["Kafka", "Redis", "MongoDB", "schema registry"]) expect(stdout).toMatch(new RegExp(`✘ ${what}`));
    expect(stdout).toContain("CARILLON_KAFKA_BROKERS");
  }, 90_000);

  it("stops cleanly when told so before it is ready", async () => {
    const run = spawn(process.execPath, ["bin/carillon.js", "start"], {
      cwd: root,
      env: { PATH: process.env.PATH ?? "", CARILLON_DATA_DIR: join(folder.path, "early"), CARILLON_PORT: "0" },
    });
    const ended = once(run, "exit");
    await once(run.stderr, "data");
    run.kill("SIGTERM");
    expect(await ended).toEqual([0, null]);
  });

  it("stops within its bound, and says so, when told to while the servers do not answer", async () => {
    const silent = createServer(() => undefined).listen(0, "127.0.0.1");
    await once(silent, "listening");
    const { port } = silent.address() as AddressInfo;
    const env = {
      PATH: process.env.PATH ?? "",
      CARILLON_PROFILE: "cluster",
      CARILLON_KAFKA_BROKERS: `127.0.0.1:${port}`,
      CARILLON_REDIS_URL: `redis://127.0.0.1:${port}`,
      CARILLON_MONGO_URL: `mongodb://127.0.0.1:${port}`,
      CARILLON_REGISTRY_URL: `http://127.0.0.1:${port}`,
      CARILLON_PORT: "0",
    };
    const run = spawn(process.execPath, ["bin/carillon.js", "start"], { cwd: root, env });
    let said = "";
    run.stderr.on("data", (chunk: Buffer) => {
      said += chunk.toString();
    });
    const ended = once(run, "exit");
    await once(silent, "connection");
    const begin = Date.now();
    run.kill("SIGTERM");
    expect(await ended).toEqual([0, null]);
    expect(Date.now() - begin).toBeLessThan(10_000);
    expect(said).toMatch(/SIGTERM: not ready yet[\s\S]*stopped before it was ready/);
    silent.close();
  });

  // the first limits fail within Node.js's loader, before any code of ours, and the last within the start
  it.each([20, 24, 26, 28, 32, 40])("says what helps where only %d files may be open", (files) => {
    const command = ["-c", `ulimit -n ${files}; exec "${process.execPath}" bin/carillon.js start`];
    const { status, stderr } = spawnSync("sh", command, {
      cwd: root,
      encoding: "utf8",
      env: { PATH: process.env.PATH ?? "", CARILLON_DATA_DIR: join(folder.path, "few-files") },
      timeout: 20_000,
    });
    expect(status).toBe(1);
    // the file that exceeds the limit, and Node.js's message, differ between runs
    expect(stderr).toMatch(/EMFILE|too many open files|Cannot find package/);
    expect(stderr).toContain("ulimit -n");
  });

  it("finds the embedded profile healthy", () => {
    const { status, stdout } = carillon(["doctor"]);
    expect(status).toBe(0);
    expect(stdout).toContain("✔ log");
    expect(stdout).toContain("✔ email by sandbox");
  });
});
