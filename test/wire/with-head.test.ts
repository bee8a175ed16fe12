import { describe, expect, it } from "vitest";
import { withHead } from "../../wire/with-head.js";

async function* chunksOf(texts: readonly string[], error?: Error): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield Buffer.from(text);
  if (error) throw error;
}

const readAll = async (chunks: AsyncIterable<Buffer>): Promise<string> => {
  const read: Buffer[] = [];
  for await (const chunk of chunks) read.push(chunk);
  return Buffer.concat(read).toString();
};

describe("the head of a stream", () => {
  it.each([[[]], [["a"]], [["a", "b"]], [["x".repeat(5_000), "y"]], [["a", "x".repeat(4_095), "z"]]])(
    "leaves the whole stream to be read",
    async (texts: readonly string[]) => {
      const { head, chunks } = await withHead(chunksOf(texts));
      const whole = texts.join("");
      expect(whole.startsWith(head.toString())).toBe(true);
      expect(head.length).toBeGreaterThanOrEqual(Math.min(whole.length, 4_096));
      expect(await readAll(chunks)).toBe(whole);
    },
  );

  it("rejects at once if a stream fails before its first byte", async () => {
    await expect(withHead(chunksOf([], new Error("gone")))).rejects.toThrow("gone");
  });

  it("yields the bytes before a failure", async () => {
    for (const texts of [["short"], ["x".repeat(5_000), "y"]]) {
      const { chunks } = await withHead(chunksOf(texts, new Error("gone")));
      let read = "";
      const reading = (async () => {
        for await (const chunk of chunks) read += chunk.toString();
      })();
      await expect(reading).rejects.toThrow("gone");
      expect(read).toBe(texts.join(""));
    }
  });
});
