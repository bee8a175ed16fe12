import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { openEmbeddedStores } from "../../service/embedded-stores.js";
import { loadConfig } from "../../service/load-config.js";
import { systemClock } from "../../stores/clock.js";
import { commandLine } from "../support/command-line.js";
import { eventually } from "../support/eventually.js";
import { startOn } from "../support/running.js";
import { scratchFolder } from "../support/scratch.js";

const folder = scratchFolder();
afterAll(() => folder.remove());

const carillon = (args: readonly string[], environment: Record<string, string> = {}) =>
  commandLine(args, { CARILLON_DATA_DIR: join(folder.path, "data"), ...environment });

describe("the command line", () => {
  it.each([
    ["text", "Topology delivery"],
    ["mermaid", "flowchart LR"],
    ["json", '"name": "delivery"'],
  ])("prints the topology as %s", async (format, expected) => {
    const { status, stdout } = await carillon(["topology", "--format", format]);
    expect(status).toBe(0);
    expect(stdout).toContain(expected);
    expect(stdout).toContain("dispatch");
  });

  it("takes a message, says how it stands, and shows what waits", async () => {
    const sent = await carillon(["send", "--channel", "sms", "--to", "+1 415 555 0100", "--lane", "high", "--text", "Hi"]);
    expect(sent.status).toBe(0);
    expect(sent.stdout.trim()).toMatch(/^[0-9a-f-]{36}$/);
    const lanes = JSON.parse((await carillon(["lanes", "--json"])).stdout) as { topic: string; lag: number; partitions: object[] }[];
    expect(lanes.find(({ topic }) => topic === "carillon.requests.high")).toMatchObject({ lag: 1, partitions: [{}, {}] });
    const status = await carillon(["status", sent.stdout.trim()]);
    expect(status.status).toBe(1);
    expect(status.stderr).toContain("no message has the id");
  });

  it("names each wrong field of a message, with its fix", async () => {
    const { status, stderr } = await carillon(["send", "--channel", "sms", "--to", "nobody", "--lane", "urgent", "--text", ""]);
    expect(status).toBe(1);
    for (const part of [
      'lane "urgent" is not a lane: give one of critical, high, normal, bulk',
      "to is not a phone number in E.164 form:",
      "content.text is missing:",
    ]) {
      expect(stderr).toContain(part);
    }
  });

  it("imports what is right, names what is wrong by its line, and says so by its exit code", async () => {
    const file = join(folder.path, "batch.ndjson");
    const good = { channel: "push", to: "device-success", content: { text: "Hi" } };
    writeFileSync(file, [JSON.stringify(good), "{", JSON.stringify({ ...good, channel: "pigeon" }), "", JSON.stringify(good)].join("\n"));
    const { status, stdout, stderr } = await carillon(["import", file]);
    expect(status).toBe(1);
    expect(stdout).toContain("2 accepted");
    expect(stdout).toContain("2 refused");
    expect(stderr).toContain("line 2 is not JSON: ");
    expect(stderr).toContain('line 3: channel "pigeon" is not a channel');
  });

  it("prints the configuration without secrets, and its documented defaults", async () => {
    expect((await carillon(["config", "print"], { CARILLON_PORT: "9999" })).stdout).toContain("port: 9999");
    expect((await carillon(["config", "print", "--defaults"])).stdout).toContain("# delay after the first failed attempt, in milliseconds");
  });

  it("names variables that set nothing, beside what it prints", async () => {
    const { stdout, stderr } = await carillon(["config", "print"], { CARILLON_SMS_PROVIDERS: "twilio" });
    expect(stderr).toContain("the variable CARILLON_SMS_PROVIDERS sets nothing: ");
    expect(stdout).not.toContain("CARILLON_SMS_PROVIDERS");
  });

  it("lists, shows and redrives dead letters by their original bytes", async () => {
    const environment = { CARILLON_DATA_DIR: join(folder.path, "letters") };
    const poison = Buffer.from("not Avro at all");
    await carillon(["prepare"], environment);
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
    const list = (await carillon(["dead-letters", "list"], environment)).stdout;
    expect(list).toContain("UNDECODABLE");
    const id = "carillon.requests.bulk/0/0";
    expect(list).toContain(id);
    expect((await carillon(["dead-letters", "show", id], environment)).stdout).toContain(poison.toString("hex").slice(0, 2));
    const shown = JSON.parse((await carillon(["dead-letters", "show", id, "--json"], environment)).stdout) as { value: string };
    expect(Buffer.from(shown.value, "base64")).toEqual(poison);
    expect((await carillon(["dead-letters", "redrive", id], environment)).stdout).toContain("1 redriven");
    expect((await carillon(["dead-letters", "redrive", "--all"], environment)).stdout).toContain("0 redriven");
    expect((await carillon(["dead-letters", "list"], environment)).stdout).toContain("no dead letters");
    expect((await carillon(["dead-letters", "redrive"], environment)).status).toBe(1);
  });
});
