import { describe, expect, it } from "vitest";
import { type Decision, decide, installation, scopesBeyond, type Target } from "../../access/decide.js";
import { actorOf, type KeyPrincipal, type Principal } from "../../access/principal.js";
import { allScopes, knownScopes, type Scope } from "../../access/scopes.js";

const key = (scopes: readonly Scope[], test = false): KeyPrincipal => ({
  kind: "key",
  id: "k1",
  name: "key",
  tenant: "shop",
  scopes,
  test,
});

const everySet: readonly (readonly Scope[])[] = Array.from({ length: 2 ** allScopes.length }, (_, bits) =>
  allScopes.filter((__, index) => (bits & (1 << index)) !== 0),
);

const everyKind = (scopes: readonly Scope[]): readonly Principal[] => [
  key(scopes),
  { kind: "loopback", tenant: "shop", scopes },
  { kind: "session", tenant: "shop", scopes, key: key(scopes) },
  { kind: "oidc", tenant: "shop", scopes, issuer: "https://id.example.com", subject: "ann", name: "Ann" },
];

const testPrincipals = (scopes: readonly Scope[]): readonly Principal[] => [
  key(scopes, true),
  { kind: "session", tenant: "shop", scopes, key: key(scopes, true) },
];

const targets: readonly Target[] = ["shop", "other", installation];

/** The rules in other words: the scope itself, and `operate` for everything that is not the principal's own tenant. */
const missingOf = (scopes: readonly Scope[], test: boolean, target: Target, scope: Scope): Scope | undefined => {
  const usable = test ? scopes.filter((one) => one === "send" || one === "read") : scopes;
  if (!usable.includes(scope)) return scope;
  return target === "shop" || usable.includes("operate") ? undefined : "operate";
};

const missing = (decision: Decision): Scope | undefined => (decision.allowed ? undefined : decision.missing);

describe("decide", () => {
  it("answers by the rules for every kind of principal, set of scopes, target and scope", () => {
    const questions = everySet.flatMap((scopes) =>
      targets.flatMap((target) => allScopes.map((scope): readonly [readonly Scope[], Target, Scope] => [scopes, target, scope])),
    );
    expect(questions).toHaveLength(16 * 3 * 4);
    for (const [scopes, target, scope] of questions) {
      const real = everyKind(scopes).map((principal) => missing(decide(principal, target, scope)));
      expect(real).toEqual(Array(4).fill(missingOf(scopes, false, target, scope)));
      const ofTest = testPrincipals(scopes).map((principal) => missing(decide(principal, target, scope)));
      expect(ofTest).toEqual(Array(2).fill(missingOf(scopes, true, target, scope)));
    }
  });

  it("names the missing scope in its refusal, and nothing about the other tenant", () => {
    expect(decide(key(["send"]), "shop", "manage")).toEqual({
      allowed: false,
      missing: "manage",
      detail: "the key lacks the scope manage",
    });
    const refusal = decide(key(["send"]), "other", "send");
    expect(refusal).toEqual({ allowed: false, missing: "operate", detail: "the key lacks the scope operate, which other tenants require" });
    expect(decide(key(allScopes, true), "shop", "manage")).toMatchObject({
      missing: "manage",
      detail: expect.stringContaining("test key"),
    });
  });

  it("lets no key grant what it may not do itself", () => {
    expect(scopesBeyond(key(["read", "manage"]), ["read", "send", "operate"])).toEqual(["send", "operate"]);
    expect(scopesBeyond(key(allScopes), allScopes)).toEqual([]);
    expect(scopesBeyond(key(allScopes, true), allScopes)).toEqual(["manage", "operate"]);
  });

  it("grants nothing for scopes of a later version", () => {
    expect(knownScopes(["chat", "read", "operate ", "send", "SEND"])).toEqual(["send", "read"]);
  });

  it("names every kind of principal for the audit log", () => {
    expect(everyKind([]).map(actorOf)).toEqual(["key:shop:k1", "loopback:shop", "session:shop:k1", "oidc:https://id.example.com:ann"]);
  });
});
