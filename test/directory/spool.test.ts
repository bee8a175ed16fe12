import { readdirSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openSpool } from "../../directory/spool.js";
import { scratchFolder } from "../support/scratch.js";

describe("a spool", () => {
  let scratch: ReturnType<typeof scratchFolder>;
  beforeEach(() => {
    scratch = scratchFolder();
  });
  afterEach(() => scratch.remove());

  it("returns the lines in their order, whatever their length", async () => {
    const spool = await openSpool({ folder: scratch.path, mostBytes: 10_000_000 });
    const written = ["a", "ü😀".repeat(200_000), "b", "x".repeat(300_000)];
    for (const line of written) await spool.write(line);
    for (let time = 0; time < 2; time += 1) {
      const read: string[] = [];
      for await (const line of spool.read()) read.push(line);
      expect(read.map((line) => line.length)).toEqual(written.map((line) => line.length));
      expect(read).toEqual(written);
    }
    await spool.close();
    await spool.close();
  });

  it.skipIf(process.platform === "win32")("has no name in the folder while it is open", async () => {
    const spool = await openSpool({ folder: scratch.path, mostBytes: 1_000 });
    await spool.write("secret");
    expect(readdirSync(scratch.path)).toEqual([]);
    await spool.close();
  });

  it("refuses more than its bound", async () => {
    const spool = await openSpool({ folder: scratch.path, mostBytes: 10 });
    await spool.write("123456789");
    await expect(spool.write("")).rejects.toThrow(expect.objectContaining({ code: "INPUT_INVALID" }));
    await spool.close();
    expect(readdirSync(scratch.path)).toEqual([]);
  });
});
