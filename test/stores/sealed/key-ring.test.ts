import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { createKeyRing, type KeyRing } from "../../../stores/sealed/key-ring.js";

const secret = (): string => randomBytes(32).toString("base64");
const secrets = { old: { secret: secret() }, young: { secret: secret() } };
const ring = (active: string | null, keys: Readonly<Record<string, { readonly secret: string }>> = secrets): KeyRing =>
  createKeyRing({ active, keys });

describe("a ring of keys", () => {
  it("seals records so that each looks different, and opens them", () => {
    const own = ring("old");
    const [one, other] = [own.seal(Buffer.from("+14155550100")), own.seal(Buffer.from("+14155550100"))];
    expect(one.includes("+14155550100")).toBe(false);
    expect(one.equals(other)).toBe(false);
    // by another process, which has other data keys
    expect(ring("old").open(one).toString()).toBe("+14155550100");
    expect(ring("old").open(other).toString()).toBe("+14155550100");
  });

  it("reads what an earlier key sealed, and seals under the active one", () => {
    const sealed = ring("old").seal(Buffer.from("hello"));
    const text = ring("old").sealText("hello");
    expect(ring("young").open(sealed).toString()).toBe("hello");
    expect(ring("young").openText(text)).toBe("hello");
    expect(ring("young").sealText("hello")).toMatch(/^sealed:young:/);
    const { young } = secrets;
    expect(() => ring("young", { young }).open(sealed)).toThrow(
      expect.objectContaining({ code: "DECRYPTION_FAILED", message: expect.stringContaining("the key old") }),
    );
    expect(() => ring("young", { young }).openText(text)).toThrow(expect.objectContaining({ code: "DECRYPTION_FAILED" }));
  });

  it("seals equal texts equally, and knows every form in which one may be stored", () => {
    const own = ring("young");
    expect(own.sealText("a@example.com")).toBe(own.sealText("a@example.com"));
    expect(own.sealText("a@example.com")).not.toBe(own.sealText("b@example.com"));
    // a text that was written to look sealed is treated like any other
    expect(own.openText(own.sealText("sealed:young:forged"))).toBe("sealed:young:forged");
    expect(own.formsOf("a@example.com")).toEqual(["a@example.com", ring("old").sealText("a@example.com"), own.sealText("a@example.com")]);
  });

  it("refuses each record of which a bit was changed, wherever it stands", () => {
    const own = ring("old");
    const sealed = own.seal(Buffer.from("hello"));
    for (let at = 1; at < sealed.length; at += 1) {
      const changed = Buffer.from(sealed);
      changed.writeUInt8(changed.readUInt8(at) ^ 1, at);
      expect(() => own.open(changed), `byte ${at}`).toThrow(expect.objectContaining({ code: "DECRYPTION_FAILED" }));
    }
    for (const length of [1, 2, 5, 70, sealed.length - 1])
      expect(() => own.open(sealed.subarray(0, length)), `${length} bytes`).toThrow(expect.objectContaining({ code: "DECRYPTION_FAILED" }));
    const text = own.sealText("hello");
    expect(() => own.openText(`${text.slice(0, -2)}AA`)).toThrow(expect.objectContaining({ code: "DECRYPTION_FAILED" }));
    expect(() => own.openText("sealed:old:x")).toThrow(expect.objectContaining({ code: "DECRYPTION_FAILED" }));
  });

  it("takes a new data key from time to time", () => {
    let now = 0;
    const own = createKeyRing({ active: "old", keys: secrets }, () => now);
    const header = (bytes: Buffer): string => bytes.subarray(0, 65).toString("base64");
    const first = own.seal(Buffer.from("a"));
    expect(header(own.seal(Buffer.from("b")))).toBe(header(first));
    now = 600_001;
    const later = own.seal(Buffer.from("c"));
    expect(header(later)).not.toBe(header(first));
    expect([first, later].map((sealed) => own.open(sealed).toString())).toEqual(["a", "c"]);
  });

  it("reads, and seals nothing more, when no key is active", () => {
    const sealed = ring("old").seal(Buffer.from("hello"));
    const reading = ring(null);
    expect(reading.open(sealed).toString()).toBe("hello");
    expect(reading.seal(Buffer.from("hello")).toString()).toBe("hello");
    expect(reading.sealText("hello")).toBe("hello");
    expect(reading.nameOf("hello")).toBe("hello");
  });
});
