import { createPublicKey, type JsonWebKey, type KeyObject } from "node:crypto";

/**
 * Algorithms of tokens. All are asymmetric: the installation keeps no key by which it, or a reader of its stores, could make a token.
 * Sources: RFC 7518, 3.1; RFC 8037; RFC 9864, which names the same signature `Ed25519`.
 */
export const tokenAlgs = ["EdDSA", "ES256", "ES384", "RS256", "PS256"] as const;
export type TokenAlg = (typeof tokenAlgs)[number];

export interface KeyProblem {
  readonly problem: string;
  readonly fix: string;
}

const asPem = "give the public key in PEM, beginning with -----BEGIN PUBLIC KEY-----, or as a JSON Web Key";
const [leastRsaBits, mostRsaBits] = [2_048, 8_192];

const curves: Readonly<Record<string, string>> = { ES256: "prime256v1", ES384: "secp384r1" };

/** Why a key cannot verify signatures of an algorithm; undefined if it can. */
const unfitKey = (key: KeyObject, alg: TokenAlg): string | undefined => {
  const { asymmetricKeyType: type, asymmetricKeyDetails: { modulusLength = 0, namedCurve } = {} } = key;
  if (alg === "EdDSA") return type === "ed25519" ? undefined : "is not an Ed25519 key";
  const curve = curves[alg];
  if (curve !== undefined) return type === "ec" && namedCurve === curve ? undefined : `is not an elliptic-curve key on ${curve}`;
  if (type !== "rsa") return "is not an RSA key";
  return modulusLength >= leastRsaBits && modulusLength <= mostRsaBits
    ? undefined
    : `has ${modulusLength} bits instead of ${leastRsaBits} to ${mostRsaBits}`;
};

const isPrivate = (given: string | Readonly<Record<string, unknown>>): boolean =>
  typeof given === "string" ? /PRIVATE KEY/.test(given) : "d" in given || "k" in given;

const readKey = (given: string | Readonly<Record<string, unknown>>): KeyObject | undefined => {
  try {
    return typeof given === "string" ? createPublicKey(given) : createPublicKey({ key: { ...given } as JsonWebKey, format: "jwk" });
  } catch {
    return undefined;
  }
};

/** A public key in PEM (SPKI), from PEM or from a JSON Web Key (RFC 7517). */
export const publicKeyOf = (given: string | Readonly<Record<string, unknown>>, alg: TokenAlg): { readonly pem: string } | KeyProblem => {
  if (isPrivate(given))
    return { problem: "contains a private key, which must never leave its owner", fix: `replace this key, and ${asPem}` };
  const key = readKey(given);
  if (!key) return { problem: "is not a public key", fix: asPem };
  const problem = unfitKey(key, alg);
  if (problem) return { problem, fix: "give a key that fits alg, or the alg of the key" };
  return { pem: key.export({ type: "spki", format: "pem" }).toString() };
};
