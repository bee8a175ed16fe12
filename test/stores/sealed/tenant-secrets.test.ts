import { describe, expect, it } from "vitest";
import { createKeyRing } from "../../../stores/sealed/key-ring.js";
import { createTenantSecrets } from "../../../stores/sealed/tenant-secrets.js";

const secretOf = (byte: number): { readonly secret: string } => ({ secret: Buffer.alloc(32, byte).toString("base64") });
const keys = { old: secretOf(1), main: secretOf(2) };
const under = (active: string | null) => createTenantSecrets(createKeyRing({ active, keys }));

const place = { tenant: "shop", of: "providers.mail", name: "password" };

describe("secrets of tenants", () => {
  it("are opened at their place only", () => {
    const secrets = under("main");
    const sealed = secrets.seal(place, "open sesame");
    expect(sealed).toMatch(/^sealed:main:/);
    expect(sealed).not.toContain("sesame");
    expect(secrets.open(place, sealed)).toBe("open sesame");
    for (const other of [
      { ...place, tenant: "other" },
      { ...place, of: "providers.sms" },
      { ...place, name: "token" },
    ])
      expect(() => secrets.open(other, sealed), JSON.stringify(other)).toThrow(/sealed for another place/);
  });

  it("are opened under each configured key, and are current under the active one", () => {
    const old = under("old").seal(place, "open sesame");
    const now = under("main");
    expect(now.open(place, old)).toBe("open sesame");
    expect(now.isCurrent(old)).toBe(false);
    expect(now.isCurrent(now.seal(place, "open sesame"))).toBe(true);
    expect(under(null).open(place, old)).toBe("open sesame");
    expect(under(null).isCurrent(old)).toBe(true);
  });

  it("are refused without a key that encrypts, with a fix", () => {
    for (const secrets of [createTenantSecrets(undefined), under(null)])
      expect(() => secrets.seal(place, "open sesame")).toThrow(
        expect.objectContaining({ code: "CONFLICT", field: "secrets", fix: expect.stringContaining("encryption.keys") }),
      );
  });

  it("cannot be opened without their key, or when they were changed", () => {
    const sealed = under("main").seal(place, "open sesame");
    expect(() => createTenantSecrets(undefined).open(place, sealed)).toThrow(/the key is not configured/);
    const other = createTenantSecrets(createKeyRing({ active: "main", keys: { main: secretOf(3) } }));
    expect(() => other.open(place, sealed)).toThrow(/different one/);
    expect(() => under("main").open(place, "not sealed")).toThrow(expect.objectContaining({ code: "DECRYPTION_FAILED" }));
  });
});
