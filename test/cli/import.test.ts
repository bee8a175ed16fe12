import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { afterAll, describe, expect, it } from "vitest";
import { inputsOf } from "../../cli/import-inputs.js";
import { cleanEnvironment } from "../support/clean-environment.js";
import { commandLine } from "../support/command-line.js";
import { scratchFolder } from "../support/scratch.js";

const root = fileURLToPath(new URL("../..", import.meta.url));
const scratch = scratchFolder();
afterAll(() => scratch.remove());

const carillon = (...args: string[]) => commandLine(args, { CARILLON_DATA_DIR: join(scratch.path, "data") });
/** The same as a separate process, with its input. */
const carillonProcess = (args: readonly string[], input?: Buffer) =>
  spawnSync(process.execPath, [join(root, "bin/carillon.js"), ...args], {
    env: { ...cleanEnvironment(), NO_COLOR: "1", CARILLON_DATA_DIR: join(scratch.path, "data") },
    encoding: "utf8",
    timeout: 60_000,
    ...(input ? { input } : {}),
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
  it("passes over a byte order mark", async () => {
    expect((await importing("bom.ndjson", Buffer.concat([bom, Buffer.from(`${sms}\n${sms}\n`)]))).stdout).toMatch(
      /^2 accepted .* 0 refused/,
    );
  });

  it.each([
    ["little endian", Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(sms, "utf16le")])],
    ["big endian", Buffer.concat([Buffer.from([0xfe, 0xff]), Buffer.from(sms, "utf16le").swap16()])],
    ["without a mark", Buffer.from(sms, "utf16le")],
  ])("names UTF-16, %s", async (_name, content) => {
    const { stderr, status } = await importing("utf16.ndjson", content);
    expect(stderr).toContain("is in UTF-16");
    expect(stderr).toContain("iconv -f UTF-16 -t UTF-8");
    expect(status).toBe(1);
  });

  it("refuses a line that is nested too deeply, and that line alone", async () => {
    const deep = `${sms.slice(0, -1)},"variables":{"a":${"[".repeat(20_000)}${"]".repeat(20_000)}}}`;
    const { stderr, stdout } = await importing("deep.ndjson", `${sms}\n${deep}\n${sms}\n`);
    expect(stdout).toMatch(/^2 accepted .* 1 refused/);
    expect(stderr).toMatch(/line 2: variables/);
  });

  it("says which line is not JSON, and why", async () => {
    const { stderr, stdout } = await importing("bad.ndjson", `{"channel": sms}\n${sms}\n{\n`);
    expect(stderr).toMatch(/line 1 is not JSON: /);
    expect(stderr).toMatch(/line 3 is not JSON: /);
    expect(stdout).toMatch(/^1 accepted .* 2 refused/);
  });

  it("takes CSV with a header of field names", async () => {
    const { stdout, stderr } = await importing(
      "people.csv",
      Buffer.concat([
        bom,
        Buffer.from('channel,to,content.text,metadata.campaign\r\nsms,+14155550100,"Hi, you",spring\r\nsms,nobody,Hi,\r\n'),
      ]),
    );
    expect(stdout).toMatch(/^1 accepted .* 1 refused/);
    expect(stderr).toContain("line 3: to ");
  });

  it("takes the template of messages that name none from the command line", async () => {
    const { stderr } = await importing(
      "template.csv",
      "to;variables.name\n+14155550100;Ann\n",
      "--template",
      "no-such",
      "--channel",
      "sms",
    );
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

  it("refuses a header with a column twice or without a name", async () => {
    expect((await importing("twice.csv", "to,to\n+1,+2\n")).stderr).toContain("has two columns to");
    expect((await importing("empty.csv", "to,,content.text\n+1,,x\n")).stderr).toContain("has a column without a name");
    expect((await importing("parts.csv", "to,content,content.text\n+1,x,y\n")).stderr).toContain(
      "has a column content, and columns for its parts",
    );
  });

  const header = "channel,to,content.text";
  const row = "sms,+14155550100,Hi";

  it.each([
    ["blank lines before the header", `\n \n${header}\n${row}\n`],
    ["a line that names the delimiter", `sep=;\r\n${header.replaceAll(",", ";")}\r\n${row.replaceAll(",", ";")}\r\n`],
    ["vertical bars", `${header}\n${row}\n`.replaceAll(",", "|")],
    ["old line ends", `${header}\r${row}\r`],
    ["a name with a space first", `variables.first name,${header}\nAnn,${row}\n`],
    ["semicolons, and commas in quotes", `"variables.a,b,c,d";${header.replaceAll(",", ";")}\nx;${row.replaceAll(",", ";")}\n`],
    ["rows of nothing but delimiters below", `${header}\n${row}\n,,\n , ,\n`],
  ])("takes CSV with %s", async (_what, text) => {
    const rows = await readAll("odd.csv", text);
    expect(rows.map(({ input }) => input)).toMatchObject([{ channel: "sms", to: "+14155550100", content: { text: "Hi" } }]);
  });

  it("numbers rows as an editor does, past blank lines and line breaks in quotes", async () => {
    const text = `${header}\r\n\r\nsms,+1,"a\r\nb\r\n\r\nc"\r\n\r\n,,\r\nsms,+2,x\r\n`;
    expect((await readAll("numbers.csv", text)).map(({ number }) => number)).toEqual([3, 9]);
  });

  it("refuses cells that are not UTF-8, naming their fields", async () => {
    const { stderr, stdout } = await importing("latin1.csv", Buffer.from(`${header}\nsms,+14155550100,caf\xe9\n${row}\n`, "latin1"));
    expect(stderr).toContain("line 2: content.text is not well-formed Unicode");
    expect(stdout).toMatch(/^1 accepted .* 1 refused/);
  });

  it("takes times in milliseconds", async () => {
    expect((await readAll("ms.csv", `${header},notBefore\n${row},1796000000000\n`))[0]?.input).toMatchObject({
      notBefore: 1_796_000_000_000,
    });
  });

  it("refuses a line that is too long, and takes those after it", async () => {
    const rows = await readAll("long.ndjson", `${sms}\n{"to":"${"x".repeat(17 * 1_048_576)}"}\n${sms}\n`);
    expect(rows.map(({ number, problem }) => [number, problem])).toEqual([
      [1, undefined],
      [2, "exceeds the maximum size of a message"],
      [3, undefined],
    ]);
  });

  it("says how many were sent before a file that breaks off", async () => {
    const whole = gzipSync(Buffer.from(Array.from({ length: 2_000 }, (_, index) => sms.replace("Hi", `Hi ${index * 7_919}`)).join("\n")));
    const { stdout, stderr, status } = await importing("cut.ndjson.gz", whole.subarray(0, whole.length / 2));
    expect(stdout).toMatch(/^[1-9]\d* accepted .* 0 refused/);
    expect(stderr).toContain("cannot be decompressed");
    expect(status).toBe(1);
  });

  it("names what is not CSV, by its line", async () => {
    const text = `${header}\nsms,+14155550100,a "bad" quote\n`;
    await expect(readAll("quotes.csv", text)).rejects.toThrow(/quotes\.csv is not CSV: .* at line 2/);
  });

  it("reads standard input and what is compressed by gzip", () => {
    const piped = carillonProcess(["import", "-"], gzipSync(`${sms}\n${sms}\n`));
    expect(piped.stdout).toMatch(/^2 accepted .* 0 refused/);
  });

  it.each([
    ["a zip archive or a workbook", Buffer.from("PK\x03\x04\x14", "latin1")],
    ["compressed by zstd", Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0])],
    ["compressed by bzip2", Buffer.from("BZh9")],
  ])("names %s", async (what, content) => {
    await expect(readAll("packed", content)).rejects.toThrow(`is ${what}`);
  });

  it("refuses a tenant that no message can have", async () => {
    const { stderr, status } = carillonProcess(["import", fileOf("tenant.ndjson", `${sms}\n`), "--tenant", ""]);
    expect(stderr).toContain("option '--tenant <tenant>'");
    expect(status).toBe(1);
    expect((await carillon("send", "--channel", "sms", "--to", "+14155550100", "--text", "Hi", "--tenant", "a\nb")).status).toBe(1);
  });
});

describe("a command that needs a running server", () => {
  it("send --wait says at once that none runs, and sends nothing", async () => {
    const began = Date.now();
    const { stderr, status } = await carillon("send", "--channel", "sms", "--to", "+14155550100", "--text", "Hi", "--wait");
    expect(stderr).toContain("no Carillon process runs on");
    expect(status).toBe(1);
    expect(Date.now() - began).toBeLessThan(20_000);
  });
});

describe("output", () => {
  it("shows what a terminal would act upon, in every command", async () => {
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
      const { stdout, stderr } = await carillon(...args);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: the output must not contain these
      expect(stdout + stderr).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202e]/);
      expect(stdout + stderr).toMatch(/\\x1b\]0;owned|\\u001b\]0;owned/);
    }
  });

  it("prints no warning of the AWS SDK at the start of a command", () => {
    expect(carillonProcess(["config", "print"]).stderr).not.toMatch(/NodeVersionSupportWarning|NodeDeprecationWarning/);
  });
});
