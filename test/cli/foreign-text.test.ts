import { execFile } from "node:child_process";
import { appendFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { paint, painted, showsColors, unpainted } from "../../cli/palette.js";
import { escapeControl } from "../../schemas/control-characters.js";
import { type HttpPeer, startHttpPeer } from "../support/http-peer.js";
import { scratchFolder } from "../support/scratch.js";

const root = fileURLToPath(new URL("../..", import.meta.url));
/** Hides the following text, forges a tick, sets the terminal's title, and changes the direction of text. */
const foreign = "\u001b[30mhidden\u001b[0m \u001b[32m✔ delivered\u001b[39m \u001b]0;title\u0007 \u009b31m \u202etxt \ufff9";
const hidden = ["\u001b[30m", "\u001b[0m", "\u001b[39m", "\u001b]", "\u0007", "\u009b", "\u202e", "\ufff9"];

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const run = (file: string, args: readonly string[], env: Readonly<Record<string, string>>): Promise<Ended> =>
  new Promise((resolve) => {
    execFile(process.execPath, [file, ...args], { cwd: root, env: { PATH: process.env.PATH, ...env } }, (error, stdout, stderr) =>
      resolve({ code: typeof error?.code === "number" ? error.code : 0, stdout, stderr }),
    );
  });

describe("text from outside on a terminal with colors", () => {
  const folder = scratchFolder();
  let peer: HttpPeer;
  beforeAll(async () => {
    peer = await startHttpPeer((response) => response.writeHead(500).end(foreign));
  });
  afterAll(async () => {
    await peer.stop();
    folder.remove();
  });
  const carillon = (args: readonly string[], environment: Readonly<Record<string, string>> = { FORCE_COLOR: "1" }) =>
    run("bin/carillon.js", args, { CARILLON_DATA_DIR: join(folder.path, "data"), ...environment });

  it("does not act where a server's answer is printed", async () => {
    const { stdout } = await carillon(["doctor", "--url", peer.url]);
    expect(stdout).toContain("\\x1b[30mhidden\\x1b[0m");
    expect(stdout).toContain("\u001b[31m✘\u001b[39m ready");
    expect(stdout).toMatch(/^Server:\n.* ready [\s\S]*\n\nThis machine and its configuration \(embedded profile, data folder /);
    for (const sequence of hidden.slice(0, 2).concat(hidden.slice(3))) expect(stdout).not.toContain(sequence);
    // Carillon's tick is closed at once; a forged one would start before the tick and end after the word
    expect(stdout).not.toContain("\u001b[32m✔ delivered");
  });

  it("does not act where the sandbox's outbox is printed", async () => {
    const outbox = join(folder.path, "data", "outbox");
    mkdirSync(outbox, { recursive: true });
    const entry = { deliveredAt: foreign, channel: "sms", tenant: "a", messageId: foreign, attempt: 1, to: foreign, from: foreign };
    writeFileSync(join(outbox, "sms.ndjson"), "");
    appendFileSync(join(outbox, "sms.ndjson"), `${JSON.stringify({ ...entry, content: { text: foreign, subject: foreign } })}\n`);
    const { stdout } = await carillon(["outbox", "sms"]);
    for (const sequence of hidden) expect(stdout.replaceAll("\u001b[39m", "")).not.toContain(sequence === "\u001b[39m" ? "\0" : sequence);
  });

  it("does not act in the command's own errors", async () => {
    const { code, stderr } = await carillon(["outbox", foreign]);
    expect(code).toBe(1);
    expect(stderr).toContain("\\x1b[30mhidden");
    expect(stderr).not.toContain("\u001b[30m");
  });

  it("shows no colors to what is no terminal, also in CI", async () => {
    const { stdout, stderr } = await carillon(["doctor", "--url", peer.url], { CI: "true" });
    expect(`${stdout}${stderr}`).not.toContain("\u001b");
  });

  it("and secrets do not get out by a warning or an error that nobody caught", async () => {
    const script = join(folder.path, "ends.mjs");
    const main = JSON.stringify(new URL("../../dist/bundle/cli/main.js", import.meta.url).href);
    writeFileSync(
      script,
      `import { main } from ${main};
       await main(["node", "carillon", "topology"]);
       process.emitWarning("The URL mongodb://u:a-secret-of-the-driver@a is invalid ${"\\u001b"}[30m", "DeprecationWarning");
       setTimeout(() => { throw new Error("driver: a-secret-of-the-driver ${"\\u001b"}[30m"); }, 50);`,
    );
    const { code, stderr } = await run(script, [], { AWS_SECRET_ACCESS_KEY: "a-secret-of-the-driver" });
    expect(code).toBe(1);
    expect(stderr).toContain("DeprecationWarning: The URL mongodb://u:***@a is invalid \\x1b[30m");
    expect(stderr).toContain("driver: *** \\x1b[30m");
    expect(stderr).not.toContain("a-secret-of-the-driver");
    expect(stderr).not.toContain("\u001b[30m");
  });
});

describe("our own colors", () => {
  it("are put in after everything else was escaped", () => {
    const text = escapeControl(`${paint.red("✘")} \u001b[31mforged\u001b[39m`);
    expect(painted(text)).toBe("\u001b[31m✘\u001b[39m \\x1b[31mforged\\x1b[39m");
    expect(unpainted(text)).toBe("✘ \\x1b[31mforged\\x1b[39m");
  });

  it("go on around an inner style that the same code ends", () => {
    expect(painted(paint.dim(`a ${paint.bold("b")} c`))).toBe("\u001b[2ma \u001b[1mb\u001b[22m\u001b[2m c\u001b[22m");
  });

  it.each([
    [{ isTTY: true }, {}, true],
    [{ isTTY: true }, { NO_COLOR: "1" }, false],
    [{ isTTY: true }, { NO_COLOR: "" }, true],
    [{ isTTY: true }, { TERM: "dumb" }, false],
    [{}, {}, false],
    [{}, { CI: "true" }, false],
    [{}, { FORCE_COLOR: "1" }, true],
    [{ isTTY: true }, { FORCE_COLOR: "0" }, false],
    [{}, { FORCE_COLOR: "1", NO_COLOR: "1" }, false],
  ])("on %j with %j: %j", (stream, environment, shown) => {
    expect(showsColors(stream, environment)).toBe(shown);
  });
});
