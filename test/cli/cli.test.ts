import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { openEmbeddedStores } from "../../service/embedded-stores.js";
import { loadConfig } from "../../service/load-config.js";
import { systemClock } from "../../stores/clock.js";
import { freePort } from "../servers/shell.js";
import { eventually } from "../support/eventually.js";
import { startOn } from "../support/running.js";
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

describe("the command line", () => {
  it.each([
    ["text", "Topology delivery"],
    ["mermaid", "flowchart LR"],
    ["json", '"name": "delivery"'],
  ])("prints the topology as %s", (format, expected) => {
    const { status, stdout } = carillon(["topology", "--format", format]);
    expect(status).toBe(0);
    expect(stdout).toContain(expected);
    expect(stdout).toContain("dispatch");
  });

  it("takes a message, says how it stands, and shows what waits", () => {
    const sent = carillon(["send", "--channel", "sms", "--to", "+1 415 555 0100", "--lane", "high", "--text", "Hi"]);
    expect(sent.status).toBe(0);
    expect(sent.stdout.trim()).toMatch(/^[0-9a-f-]{36}$/);
    const lanes = JSON.parse(carillon(["lanes", "--json"]).stdout) as { topic: string; lag: number; partitions: object[] }[];
    expect(lanes.find(({ topic }) => topic === "carillon.requests.high")).toMatchObject({ lag: 1, partitions: [{}, {}] });
    const status = carillon(["status", sent.stdout.trim()]);
    expect(status.status).toBe(1);
    expect(status.stderr).toContain("no message has the id");
  });

  it("names each wrong field of a message, with its fix", () => {
    const { status, stderr } = carillon(["send", "--channel", "sms", "--to", "nobody", "--lane", "urgent", "--text", ""]);
    expect(status).toBe(1);
    for (const part of [
      'lane "urgent" is not a lane: give one of critical, high, normal, bulk',
      "to is not a phone number in E.164 form:",
      "content.text is missing:",
    ]) {
      expect(stderr).toContain(part);
    }
  });

  it("imports what is right, names what is wrong by its line, and says so by its exit code", () => {
    const file = join(folder.path, "batch.ndjson");
    const good = { channel: "push", to: "device-success", content: { text: "Hi" } };
    writeFileSync(file, [JSON.stringify(good), "{", JSON.stringify({ ...good, channel: "pigeon" }), "", JSON.stringify(good)].join("\n"));
    const { status, stdout, stderr } = carillon(["import", file]);
    expect(status).toBe(1);
    expect(stdout).toContain("2 accepted");
    expect(stdout).toContain("2 refused");
    expect(stderr).toContain("line 2 is not JSON: ");
    expect(stderr).toContain('line 3: channel "pigeon" is not a channel');
  });

  it("prints the configuration without secrets, and its documented defaults", () => {
    expect(carillon(["config", "print"], { CARILLON_PORT: "9999" }).stdout).toContain("port: 9999");
    expect(carillon(["config", "print", "--defaults"]).stdout).toContain("# delay after the first failed attempt, in milliseconds");
  });

  it("tells all mistakes of a configuration at once, before anything is opened", () => {
    const file = join(folder.path, "wrong.yaml");
    writeFileSync(
      file,
      "profile: cluster\ncolour: red\nhttp: { port: ninety }\nlanes: { high: { partitions: 0 } }\nkafka: { brokers: [nowhere] }\n",
    );
    const { status, stderr } = carillon(["--config", file, "start"]);
    expect(status).toBe(1);
    expect(stderr).toMatch(/the configuration has [5-9] mistakes/);
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

  it("lists, shows and redrives dead letters by their original bytes", async () => {
    const environment = { CARILLON_DATA_DIR: join(folder.path, "letters") };
    const poison = Buffer.from("not Avro at all");
    carillon(["prepare"], environment);
    const stores = openEmbeddedStores(loadConfig({ environment }), systemClock, () => undefined);
    await stores.log.append([{ topic: "carillon.requests.bulk", key: "k", value: poison }]);
    await stores.close();
    const run = await startOn(environment.CARILLON_DATA_DIR);
    await eventually(
      async () => (await run.ask("/metrics")).text(),
      (text) => /^carillon_dead_letters_total\{.*code="UNDECODABLE".*\} 1$/m.test(text),
    );
    await run.stop();
    expect(run.child.exitCode).toBe(0);
    const list = carillon(["dead-letters", "list"], environment).stdout;
    expect(list).toContain("UNDECODABLE");
    const id = "carillon.requests.bulk/0/0";
    expect(list).toContain(id);
    expect(carillon(["dead-letters", "show", id], environment).stdout).toContain(poison.toString("hex").slice(0, 2));
    const shown = JSON.parse(carillon(["dead-letters", "show", id, "--json"], environment).stdout) as { value: string };
    expect(Buffer.from(shown.value, "base64")).toEqual(poison);
    expect(carillon(["dead-letters", "redrive", id], environment).stdout).toContain("1 put back");
    expect(carillon(["dead-letters", "redrive", "--all"], environment).stdout).toContain("0 put back");
    expect(carillon(["dead-letters", "list"], environment).stdout).toContain("there are no dead letters");
    expect(carillon(["dead-letters", "redrive"], environment).status).toBe(1);
  });

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

  it("says what helps where too few files may be open", () => {
    const command = ["-c", `ulimit -n 26; exec "${process.execPath}" bin/carillon.js start`];
    const { status, stderr } = spawnSync("sh", command, {
      cwd: root,
      encoding: "utf8",
      env: { PATH: process.env.PATH ?? "", CARILLON_DATA_DIR: join(folder.path, "few-files") },
      timeout: 20_000,
    });
    expect(status).toBe(1);
    // which file is the one too many, and in which of its words Node says so, differs by run
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
