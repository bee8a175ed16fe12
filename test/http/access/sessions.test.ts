import { describe, expect, it } from "vitest";
import { digestOfKey, generateKey } from "../../../access/api-keys.js";
import type { KeyPrincipal } from "../../../access/principal.js";
import { scopesOfRole } from "../../../access/scopes.js";
import type { OidcConfig } from "../../../http/access/oidc/person.js";
import { createSessions, type OwnKey, sessionSeconds } from "../../../http/access/sessions.js";
import { createMemoryCells } from "../../../stores/cells/memory-cells.js";
import { createVirtualClock } from "../../../stores/virtual-clock.js";

const ownKey = (tenant: string, key: string, role: keyof typeof scopesOfRole = "operator"): OwnKey => ({
  key,
  principal: { kind: "key", id: "config.0", name: "http.apiKeys.0", tenant, scopes: scopesOfRole[role], test: false },
});

const operator = ownKey("operations", "operations-0123456789");
const other = ownKey("shop", "shop-0123456789-abcdef");

describe("sessions of the console", () => {
  const clock = createVirtualClock(Date.UTC(2026, 10, 22));
  const cells = createMemoryCells(clock);
  const stored = new Map<string, { readonly digest: string; readonly principal: KeyPrincipal }>();
  const sessions = (own = [operator, other], oidc: OidcConfig | null = null) =>
    createSessions({ cells, own, checkStoredKey: async (tenant, id) => stored.get(`${tenant} ${id}`), oidc, now: () => clock.now() });

  it("are known to every process that shares the store, until they are ended in any", async () => {
    const id = await sessions().begin(operator);
    expect(await sessions().find(id)).toMatchObject({ kind: "session", tenant: "operations", key: operator.principal });
    await sessions().end(id);
    expect(await sessions().find(id)).toBeUndefined();
  });

  it("end with the key that began them", async () => {
    const id = await sessions().begin(other);
    expect(await sessions().find(id)).toMatchObject({ tenant: "shop", scopes: scopesOfRole.operator });
    expect(await sessions([operator]).find(id)).toBeUndefined();
    expect(await sessions([operator, ownKey("shop", "shop-new-0123456789")]).find(id)).toBeUndefined();
    expect(await sessions([operator, ownKey("shop", other.key, "sender")]).find(id)).toMatchObject({ scopes: scopesOfRole.sender });
  });

  it("of a stored key end when the key is no longer valid, or another one has its id", async () => {
    const key = generateKey(false);
    const principal: KeyPrincipal = { kind: "key", id: "k 1", name: "k", tenant: "a b", scopes: ["operate"], test: false };
    stored.set("a b k 1", { digest: digestOfKey(key), principal });
    const id = await sessions().begin({ key, principal });
    expect(await sessions().find(id)).toMatchObject({ kind: "session", tenant: "a b", key: principal });
    expect(JSON.stringify([...(await cells.all("console-sessions"))])).not.toContain(digestOfKey(key));
    stored.set("a b k 1", { digest: digestOfKey(generateKey(false)), principal });
    expect(await sessions().find(id)).toBeUndefined();
    stored.clear();
    expect(await sessions().find(id)).toBeUndefined();
  });

  it("expire by the server's clock, and store neither id nor key", async () => {
    const id = await sessions().begin(operator);
    const values = JSON.stringify([...(await cells.all("console-sessions"))]);
    for (const secret of [id, operator.key]) expect(values).not.toContain(secret);
    await clock.advance(sessionSeconds * 1_000 - 1);
    expect(await sessions().find(id)).toBeDefined();
    await clock.advance(1);
    expect(await sessions().find(id)).toBeUndefined();
  });

  it("are bounded: the oldest gives way", async () => {
    const first = await sessions().begin(operator);
    await clock.advance(1);
    for (let count = 0; count < 1_000; count += 1) await sessions().begin(operator);
    expect(await sessions().find(first)).toBeUndefined();
    expect((await cells.all("console-sessions")).size).toBeLessThanOrEqual(1_000);
  });
});
