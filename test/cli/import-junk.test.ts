import { writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { parameters } from "../properties/property.js";
import { commandLine } from "../support/command-line.js";
import { scratchFolder } from "../support/scratch.js";

const folder = scratchFolder();
afterAll(() => folder.remove());

const good = Buffer.from(JSON.stringify({ channel: "push", to: "device-success", content: { text: "Hi" } }));

/** Non-blank lines without inner line breaks. */
const line = fc.oneof(
  fc.constant(good),
  fc.json().map((text) => Buffer.from(text)),
  fc
    .constantFrom("constructor", '{"__proto__":1}', '{"channel":"constructor","to":"x"}', "[", "null", '"\\ud83d"')
    .map((text) => Buffer.from(text)),
  fc.uint8Array({ minLength: 1, maxLength: 80 }).map((bytes) =>
    Buffer.from(
      `x${Buffer.from(bytes)
        .toString("latin1")
        .replace(/[\r\n]/g, "")}`,
      "latin1",
    ),
  ),
);

describe("carillon import", () => {
  it("accepts or refuses each line of junk, and counts both", async () => {
    const { numRuns = 200, seed = 0 } = parameters;
    const lines = [good, ...fc.sample(line, { numRuns, seed })];
    const file = join(folder.path, "junk.ndjson");
    writeFileSync(file, Buffer.concat(lines.flatMap((one) => [one, Buffer.from("\n")])));
    const { stdout } = await commandLine(["import", file], { CARILLON_DATA_DIR: join(folder.path, "data") });
    const [, accepted, refused] = /(\d+) accepted in .* s, (\d+) refused/.exec(stdout) ?? [];
    expect(Number(accepted) + Number(refused)).toBe(lines.length);
    expect(Number(accepted)).toBeGreaterThanOrEqual(lines.filter((one) => one.equals(good)).length);
    expect(Number(refused)).toBeGreaterThan(100);
  }, 60_000);
});
