import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { SignJWT } from "jose";
import { describe, expect, it } from "vitest";
import { newTenant } from "../../access/configured-tenants.js";
import { createKeySets } from "../../access/key-sets.js";
import { publicKeyOf, type TokenAlg } from "../../access/public-key.js";
import { snapshotOf } from "../../access/tenant-snapshot.js";
import { createTokenCheck, isToken } from "../../access/user-tokens.js";
import type { TokenKey } from "../../stores/tenants/tenants.js";
import { createVirtualClock } from "../../stores/virtual-clock.js";

const startMs = Date.UTC(2026, 10, 30, 8);
const seconds = (ms: number): number => Math.floor(ms / 1_000);
const pairs = {
  EdDSA: generateKeyPairSync("ed25519"),
  ES256: generateKeyPairSync("ec", { namedCurve: "P-256" }),
  ES384: generateKeyPairSync("ec", { namedCurve: "P-384" }),
  RS256: generateKeyPairSync("rsa", { modulusLength: 2_048 }),
} as const;
const pemOf = (key: KeyObject): string => key.export({ type: "spki", format: "pem" }).toString();
const url = "https://shop.test/keys.json";

const tokenKey = (kid: string, alg: string, key: KeyObject | null): TokenKey => ({
  ...{ kid, alg, publicKey: key && pemOf(key), jwksUrl: key === null ? url : null, createdAt: new Date(startMs) },
});

const start = (tokenKeys: readonly TokenKey[], { status = "active", set }: { status?: string; set?: () => unknown } = {}) => {
  const clock = createVirtualClock(startMs);
  const reads: string[] = [];
  const read = async (address: string): Promise<unknown> => {
    reads.push(address);
    return set?.();
  };
  const tenant = {
    ...newTenant("shop", "Shop"),
    status,
    tokenKeys,
    revision: 1,
    createdAt: new Date(startMs),
    changedAt: new Date(startMs),
  };
  const snapshot = snapshotOf(new Map([["shop", tenant]]));
  const check = createTokenCheck({
    reader: { current: async () => snapshot },
    now: () => new Date(clock.now()),
    keySet: createKeySets({ read, clock }),
  });
  return { check, clock, reads };
};

interface Claims {
  readonly sub?: string;
  readonly exp?: number;
  readonly nbf?: number;
}

const sign = (kid: string | undefined, alg: string, key: KeyObject, claims: Claims = {}): Promise<string> =>
  new SignJWT({ sub: "ann", exp: seconds(startMs) + 600, ...claims })
    .setProtectedHeader({ alg, ...(kid === undefined ? {} : { kid }) })
    .sign(key);

describe("tokens of users", () => {
  it("name a user of the tenant whose key signed them, by each algorithm", async () => {
    for (const alg of ["EdDSA", "ES256", "ES384", "RS256", "PS256"] as const) {
      const { publicKey, privateKey } = alg === "PS256" ? pairs.RS256 : pairs[alg];
      const { check } = start([tokenKey("k1", alg, publicKey)]);
      const token = await sign("k1", alg, privateKey);
      expect(isToken(token)).toBe(true);
      expect(await check(token), alg).toEqual({ principal: { kind: "user", tenant: "shop", user: "ann", kid: "k1", scopes: [] } });
    }
    const { check } = start([tokenKey("k1", "EdDSA", pairs.EdDSA.publicKey)]);
    expect(await check(await sign("k1", "Ed25519", pairs.EdDSA.privateKey))).toMatchObject({ principal: { user: "ann" } });
  });

  it("are refused for another signature, algorithm or kid, with the reason", async () => {
    const { check } = start([tokenKey("k1", "ES256", pairs.ES256.publicKey), tokenKey("later", "ML-DSA-44", pairs.ES256.publicKey)]);
    const other = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const secret = Buffer.from(pemOf(pairs.ES256.publicKey));
    const refused = async (token: string): Promise<string> => {
      const answer = await check(token);
      return "refusal" in answer ? answer.refusal : "accepted";
    };
    expect(await refused(await sign("k1", "ES256", other.privateKey))).toContain("signature");
    expect(await refused(await sign("k1", "EdDSA", pairs.EdDSA.privateKey))).toContain("alg");
    // the public key as the secret of a symmetric algorithm
    const symmetric = await new SignJWT({ sub: "ann", exp: seconds(startMs) + 600 })
      .setProtectedHeader({ alg: "HS256", kid: "k1" })
      .sign(secret);
    expect(await refused(symmetric)).toContain("alg");
    const [, claims = ""] = symmetric.split(".");
    const unsigned = `${Buffer.from('{"alg":"none","kid":"k1"}').toString("base64url")}.${claims}.`;
    expect(isToken(unsigned)).toBe(false);
    expect(await refused(unsigned)).not.toBe("accepted");
    for (const kid of ["k2", undefined, "later", "__proto__"])
      expect(await refused(await sign(kid, "ES256", pairs.ES256.privateKey)), String(kid)).toContain("no tenant has a token key");
    for (const text of ["a.b.c", "e30.e30.e30", `${Buffer.from('{"kid":"k1","alg":"ES256"}').toString("base64url")}.!.x`])
      expect(await refused(text), text).not.toBe("accepted");
  });

  it("need a user, and an end within 24 hours", async () => {
    const { check } = start([tokenKey("k1", "ES256", pairs.ES256.publicKey)]);
    const answer = async (claims: Claims) => check(await sign("k1", "ES256", pairs.ES256.privateKey, claims));
    const now = seconds(startMs);
    expect(await answer({ exp: now - 20 })).toHaveProperty("principal"); // clocks differ
    expect(await answer({ exp: now - 31 })).toEqual({ refusal: "the token has expired" });
    expect(await answer({ nbf: now + 60 })).toMatchObject({ refusal: expect.stringContaining("nbf") });
    expect(await answer({ exp: now + 86_400 })).toHaveProperty("principal");
    expect(await answer({ exp: now + 90_000 })).toMatchObject({ refusal: expect.stringContaining("24 hours") });
    for (const sub of ["", "x".repeat(257)]) expect(await answer({ sub })).toMatchObject({ refusal: expect.stringContaining("sub") });
    const bare = await new SignJWT({ sub: "ann" }).setProtectedHeader({ alg: "ES256", kid: "k1" }).sign(pairs.ES256.privateKey);
    expect(await check(bare)).toMatchObject({ refusal: expect.stringContaining("exp") });
  });

  it("are refused while their tenant is not active", async () => {
    const { check } = start([tokenKey("k1", "ES256", pairs.ES256.publicKey)], { status: "suspended" });
    expect(await check(await sign("k1", "ES256", pairs.ES256.privateKey))).toMatchObject({ refusal: expect.stringContaining("suspended") });
  });

  it("find their key in the tenant's set, which is read once", async () => {
    const jwk = { ...pairs.ES256.publicKey.export({ format: "jwk" }), kid: "k1" };
    const { check, reads } = start([tokenKey("k1", "ES256", null)], { set: () => ({ keys: [jwk] }) });
    for (let index = 0; index < 3; index += 1)
      expect(await check(await sign("k1", "ES256", pairs.ES256.privateKey))).toMatchObject({ principal: { user: "ann" } });
    expect(reads).toEqual([url]);
  });

  it("are refused if the set has no such key, and answered later if it cannot be read", async () => {
    const token = await sign("k1", "ES256", pairs.ES256.privateKey);
    const empty = start([tokenKey("k1", "ES256", null)], { set: () => ({ keys: [] }) });
    expect(await empty.check(token)).toMatchObject({ refusal: expect.stringContaining("key set") });
    const broken = start([tokenKey("k1", "ES256", null)], { set: () => "<html>" });
    expect(await broken.check(token)).toMatchObject({ refusal: expect.stringContaining("key set") });
    const away = start([tokenKey("k1", "ES256", null)], {
      set: () => {
        throw new Error("refused");
      },
    });
    for (let index = 0; index < 3; index += 1) await expect(away.check(token)).rejects.toMatchObject({ code: "UNAVAILABLE" });
    expect(away.reads).toHaveLength(1);
    await away.clock.advance(5_000);
    await expect(away.check(token)).rejects.toMatchObject({ code: "UNAVAILABLE" });
    expect(away.reads).toHaveLength(2);
  });
});

describe("public keys", () => {
  const jwk = pairs.ES256.publicKey.export({ format: "jwk" });
  it("are read from PEM and from JSON Web Keys", () => {
    const pem = { pem: pemOf(pairs.ES256.publicKey) };
    expect(publicKeyOf(pemOf(pairs.ES256.publicKey), "ES256")).toEqual(pem);
    expect(publicKeyOf({ ...jwk }, "ES256")).toEqual(pem);
  });

  it("are refused if they are private, do not fit the algorithm, or are too short", () => {
    const problems: readonly (readonly [string | Readonly<Record<string, unknown>>, TokenAlg, string])[] = [
      [pairs.ES256.privateKey.export({ type: "pkcs8", format: "pem" }).toString(), "ES256", "private key"],
      [{ ...pairs.ES256.privateKey.export({ format: "jwk" }) }, "ES256", "private key"],
      [{ kty: "oct", k: "c2VjcmV0" }, "RS256", "private key"],
      ["a key", "ES256", "is not a public key"],
      [{ kty: "EC" }, "ES256", "is not a public key"],
      [pemOf(pairs.ES256.publicKey), "ES384", "secp384r1"],
      [pemOf(pairs.ES256.publicKey), "EdDSA", "Ed25519"],
      [pemOf(pairs.EdDSA.publicKey), "RS256", "RSA"],
      [pemOf(generateKeyPairSync("rsa", { modulusLength: 1_024 }).publicKey), "RS256", "1024 bits"],
    ];
    for (const [given, alg, problem] of problems)
      expect(publicKeyOf(given, alg), problem).toMatchObject({ problem: expect.stringContaining(problem), fix: expect.any(String) });
  });
});
