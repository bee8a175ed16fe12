import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { inputsOf } from "../../cli/import-inputs.js";
import { cleanEnvironment } from "../support/clean-environment.js";
import { scratchFolder } from "../support/scratch.js";

const root = fileURLToPath(new URL("../..", import.meta.url));
const scratch = scratchFolder();
afterAll(() => scratch.remove());

const carillon = (...args: string[]) =>
  spawnSync(process.execPath, [join(root, "bin/carillon.js"), ...args], {
    env: { ...cleanEnvironment(), NO_COLOR: "1", CARILLON_DATA_DIR: join(scratch.path, "data") },
    encoding: "utf8",
    timeout: 60_000,
  });
const fileOf = (name: string, content: string | Buffer): string => {
  const path = join(scratch.path, name);
  writeFileSync(path, content);
  return path;
};
const importing = (name: string, content: string | Buffer, ...args: string[]) => carillon("import", fileOf(name, content), ...args);
const sms = JSON.stringify({ channel: "sms", to: "+14155550100", content: { text: "Hi" } });
const bom = Buffer.from([0xef, 0xbb, 0xbf]);
const readAll = async (name: string, content: string | Buffer) => {
  const found = [];
  for await (const one of inputsOf(fileOf(name, content))) found.push(one);
  return found;
};

describe("carillon import", () => {
  it("passes over a byte order mark", () => {
    expect(importing("bom.ndjson", Buffer.concat([bom, Buffer.from(`${sms}\n${sms}\n`)])).stdout).toMatch(/^2 accepted .* 0 refused/);
  });

  it.each([
    ["little endian", Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(sms, "utf16le")])],
    ["big endian", Buffer.concat([Buffer.from([0xfe, 0xff]), Buffer.from(sms, "utf16le").swap16()])],
    ["without a mark", Buffer.from(sms, "utf16le")],
  ])("names UTF-16, %s", (_name, content) => {
    const { stderr, status } = importing("utf16.ndjson", content);
    expect(stderr).toContain("is in UTF-16");
    expect(stderr).toContain("iconv -f UTF-16 -t UTF-8");
    expect(status).toBe(1);
  });

  it("says which line is not JSON, and why", () => {
    const { stderr, stdout } = importing("bad.ndjson", `{"channel": sms}\n${sms}\n{\n`);
    expect(stderr).toMatch(/line 1 is not JSON: /);
    expect(stderr).toMatch(/line 3 is not JSON: /);
    expect(stdout).toMatch(/^1 accepted .* 2 refused/);
  });

  it("takes CSV with a header of field names", () => {
    const { stdout, stderr } = importing(
      "people.csv",
      Buffer.concat([
        bom,
        Buffer.from('channel,to,content.text,metadata.campaign\r\nsms,+14155550100,"Hi, you",spring\r\nsms,nobody,Hi,\r\n'),
      ]),
    );
    expect(stdout).toMatch(/^1 accepted .* 1 refused/);
    expect(stderr).toContain("line 3: to ");
  });

  it("takes the template of messages that name none from the command line", () => {
    const { stderr } = importing("template.csv", "to;variables.name\n+14155550100;Ann\n", "--template", "no-such", "--channel", "sms");
    expect(stderr).not.toContain("channel");
    expect(stderr).not.toContain("content");
  });

  it("reads each cell into its field, a file's whole length, and nothing into prototypes", async () => {
    const text = 'to,content.text,variables.name,__proto__.polluted\n+1,"a\nb",Ann,x\n+2,c,,\n';
    const rows = await readAll("rows.csv", text);
    expect(rows[0]?.input).toMatchObject({ to: "+1", content: { text: "a\nb" }, variables: { name: "Ann" } });
    expect(rows[1]?.input).toEqual({ to: "+2", content: { text: "c" } });
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
    expect(rows.at(-1)?.readBytes).toBe(Buffer.byteLength(text));
  });

  it("refuses a header with a column twice or without a name", () => {
    expect(importing("twice.csv", "to,to\n+1,+2\n").stderr).toContain("has two columns to");
    expect(importing("empty.csv", "to,,content.text\n+1,,x\n").stderr).toContain("has a column without a name");
  });
});

describe("a command that needs a running server", () => {
  it("send --wait says at once that none runs, and sends nothing", () => {
    const began = Date.now();
    const { stderr, status } = carillon("send", "--channel", "sms", "--to", "+14155550100", "--text", "Hi", "--wait");
    expect(stderr).toContain("no Carillon runs on");
    expect(status).toBe(1);
    expect(Date.now() - began).toBeLessThan(20_000);
  });
});

describe("output", () => {
  it("shows what a terminal would act upon, in every command", () => {
    const hostile = "\u001b]0;owned\u0007\u009b31m\u007f\u202egnp.exe\u001b[31m";
    const outbox = join(scratch.path, "data", "outbox");
    spawnSync("mkdir", ["-p", outbox]);
    const entry = {
      deliveredAt: "2026-11-25T00:00:00Z",
      channel: "sms",
      messageId: "m",
      attempt: 1,
      to: hostile,
      from: null,
      content: { text: hostile },
    };
    writeFileSync(join(outbox, "sms.ndjson"), `${JSON.stringify(entry)}\n`);
    for (const args of [
      ["outbox", "sms"],
      ["outbox", "sms", "--json"],
      ["status", hostile],
      ["why", hostile],
    ]) {
      const { stdout, stderr } = carillon(...args);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not come
      expect(stdout + stderr).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202e]/);
      expect(stdout + stderr).toMatch(/\\x1b\]0;owned|\\u001b\]0;owned/);
    }
  });

  it("prints no warning of the AWS SDK at the start of a command", () => {
    expect(carillon("config", "print").stderr).not.toMatch(/NodeVersionSupportWarning|NodeDeprecationWarning/);
  });
});
