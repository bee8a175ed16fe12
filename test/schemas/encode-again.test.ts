import avro from "avsc";
import { describe, expect, it } from "vitest";
import { createCodec, type Sealer } from "../../schemas/codec.js";
import type { MessageRequested } from "../../schemas/generated.js";
import { messageRequested } from "../../schemas/records.js";
import { createKeyRing } from "../../stores/sealed/key-ring.js";

const keys = { old: { secret: Buffer.alloc(32, 7).toString("base64") }, young: { secret: Buffer.alloc(32, 8).toString("base64") } };
const ring = (active: string | null) => createKeyRing({ active, keys });
const codecOf = (sealer?: Sealer) => createCodec(messageRequested, 1, { schema: async () => messageRequested.schema }, sealer);
const value = avro.Type.forSchema(messageRequested.schema as avro.Schema).random() as unknown as MessageRequested;

describe("a value whose stored bytes are at hand", () => {
  it.each([
    ["not encrypted", undefined],
    ["encrypted under the active key", ring("young")],
    ["not encrypted, as new records are", ring(null)],
  ])("keeps the bytes that are %s", (_what, sealer) => {
    const stored = codecOf(sealer).encode(value);
    expect(codecOf(sealer).encodeAgain(value, stored)).toBe(stored);
  });

  it.each([
    ["none", undefined, undefined, (stored: Buffer) => stored[0] === 0],
    [
      "plain ones, and new records are encrypted",
      undefined,
      ring("young"),
      (stored: Buffer) => stored.toString("latin1", 2, 7) === "young",
    ],
    ["under an old key", ring("old"), ring("young"), (stored: Buffer) => stored.toString("latin1", 2, 7) === "young"],
    ["encrypted ones, and new records are not", ring("old"), ring(null), (stored: Buffer) => stored[0] === 0],
  ])("is encoded where the bytes are %s", async (what, before, now, isRight) => {
    const stored = what === "none" ? null : codecOf(before).encode(value);
    const again = codecOf(now).encodeAgain(value, stored);
    expect(isRight(again)).toBe(true);
    expect(await codecOf(now).decode(again)).toEqual(value);
  });
});
