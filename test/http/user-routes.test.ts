import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Carillon } from "../../service/carillon.js";
import { type Asked, createAsk } from "./ask.js";
import { apiKeys, keys, startWithRoutes } from "./walked-server.js";

describe("users over HTTP", () => {
  let carillon: Carillon;
  let stop: () => Promise<void>;
  beforeAll(async () => {
    ({ carillon, stop } = await startWithRoutes({ apiKeys, failedAuthenticationsPerMinute: 10_000 }));
  }, 60_000);
  afterAll(() => stop());

  const ask = createAsk(() => carillon.url);
  const asTenant = (method: string, path: string, body?: object): Promise<Asked> => ask(keys.operations, method, path, body);

  it("are created, replaced, read and deleted", async () => {
    const ann = {
      addresses: { email: "Ann@Example.com", sms: "+14155550100" },
      locale: "en-US",
      timeZone: "Europe/Rome",
      attributes: { plan: "pro" },
    };
    const created = await asTenant("PUT", "/v1/users/ann", ann);
    expect(created).toMatchObject({
      status: 201,
      body: { id: "ann", addresses: { sms: "+14155550100" }, attributes: { plan: "pro" }, revision: 1 },
    });
    expect((await asTenant("GET", "/v1/users/ann")).body).toEqual(created.body);
    const replaced = await asTenant("PUT", "/v1/users/ann", { addresses: { email: "ann@example.org" } });
    expect(replaced).toMatchObject({ status: 200, body: { addresses: { email: "ann@example.org" }, revision: 2 } });
    expect(replaced.body).not.toHaveProperty("locale");
    expect((await asTenant("DELETE", "/v1/users/ann")).status).toBe(204);
    expect((await asTenant("DELETE", "/v1/users/ann")).status).toBe(404);
    expect(await asTenant("GET", "/v1/users/ann")).toMatchObject({
      status: 404,
      body: { detail: "there is no such user", errors: [{ field: "id" }] },
    });
  });

  it("are replaced only at the revision that a caller saw", async () => {
    expect((await asTenant("PUT", "/v1/users/rev?revision=0", {})).status).toBe(201);
    expect(await asTenant("PUT", "/v1/users/rev?revision=0", {})).toMatchObject({
      status: 409,
      body: { code: "CONFLICT", errors: [{ field: "revision", problem: "the user has the revision 1" }] },
    });
    expect((await asTenant("PUT", "/v1/users/rev?revision=1", {})).body).toMatchObject({ revision: 2 });
    expect((await asTenant("PUT", "/v1/users/nobody?revision=4", {})).body.errors).toMatchObject([{ problem: "there is no such user" }]);
  });

  it("take any id that one line can have, up to 256 bytes", async () => {
    for (const id of ["a b", "ü".repeat(128), "a/b", "100%", "import", "export", "+1 415"]) {
      const path = `/v1/users/${encodeURIComponent(id)}`;
      expect((await asTenant("PUT", path, {})).body, id).toMatchObject({ id });
      expect((await asTenant("GET", path)).body, id).toMatchObject({ id });
      expect((await asTenant("GET", `${path}/groups`)).body, id).toEqual({ items: [], cursor: null });
    }
    for (const id of ["x".repeat(257), " a", "a\nb", "\u202e"])
      expect(await asTenant("PUT", `/v1/users/${encodeURIComponent(id)}`, {}), id).toMatchObject({
        status: 400,
        body: { errors: [{ field: "id" }] },
      });
  });

  it("are refused with everything that is wrong", async () => {
    const { status, body } = await asTenant("PUT", "/v1/users/bad", {
      addresses: { email: "no", fax: "1" },
      locale: "xx-!",
      timeZone: "Mars/Base",
      age: 4,
    });
    expect(status).toBe(400);
    expect(body.errors.map(({ field }) => field).sort()).toEqual(["addresses.email", "addresses.fax", "age", "locale", "timeZone"]);
    for (const { problem, fix } of body.errors) expect([problem, fix]).not.toContain("");
    expect((await asTenant("GET", "/v1/users/bad")).status).toBe(404);
    expect((await asTenant("GET", "/v1/users/bad?limit=1")).body.errors).toMatchObject([{ field: "limit" }]);
  });

  it("gain and lose addresses", async () => {
    await asTenant("PUT", "/v1/users/one", {});
    await asTenant("PUT", "/v1/users/two", {});
    const change = (method: string, user: string, body: object): Promise<Asked> => asTenant(method, `/v1/users/${user}/addresses`, body);
    const token = { channel: "device", address: "phone-1" };
    expect((await change("POST", "one", { channel: "email", address: "one@example.com" })).body).toMatchObject({
      addresses: { email: "one@example.com" },
    });
    expect((await change("POST", "one", { ...token, app: "shop" })).body).toMatchObject({
      addresses: { device: [{ address: "phone-1", app: "shop" }] },
    });
    expect((await change("POST", "two", { ...token, app: "shop" })).body).toMatchObject({
      addresses: { device: [{ address: "phone-1", app: "shop" }] },
    });
    expect((await asTenant("GET", "/v1/users/one")).body).toMatchObject({ addresses: { email: "one@example.com" } });
    expect((await asTenant("GET", "/v1/users/one")).body.addresses).not.toHaveProperty("device");
    expect((await change("DELETE", "one", token)).status).toBe(404);
    expect((await change("DELETE", "two", token)).body.addresses).toEqual({});
    expect((await change("DELETE", "one", { channel: "email", address: "other@example.com" })).status).toBe(404);
    expect((await change("DELETE", "one", { channel: "email", address: "one@example.com" })).body.addresses).toEqual({});
    expect((await change("POST", "nobody", token)).status).toBe(404);
    expect((await change("POST", "one", { channel: "sms", address: "call me" })).body.errors).toMatchObject([{ field: "address" }]);
    expect((await change("POST", "one", { channel: "fax", address: "1" })).body.errors).toMatchObject([{ field: "channel" }]);
  });

  it("are listed by pages, each once, and a cursor belongs to its list", async () => {
    const ids = Array.from({ length: 7 }, (_, index) => `p${index}`);
    for (const id of ids) await ask(keys.operations, "PUT", `/v1/users/${id}?tenant=other`, {});
    const seen: unknown[] = [];
    let cursor: string | null = "";
    for (; cursor !== null; ) {
      const page: Asked = await ask(keys.other, "GET", `/v1/users?limit=3${cursor === "" ? "" : `&cursor=${cursor}`}`);
      seen.push(...page.body.items.map(({ id }) => id));
      cursor = page.body.cursor;
    }
    expect(seen).toEqual(ids);
    const first = await ask(keys.other, "GET", "/v1/users?limit=3");
    expect((await asTenant("GET", `/v1/users?cursor=${first.body.cursor}`)).body.errors).toMatchObject([
      { field: "cursor", problem: "belongs to another list" },
    ]);
    expect((await asTenant("GET", "/v1/users?cursor=zz")).status).toBe(400);
    expect((await asTenant("GET", "/v1/users?limit=0")).status).toBe(400);
  });

  it("of a tenant are seen and changed by no other, except with the scope operate", async () => {
    await ask(keys.operations, "PUT", "/v1/users/secret?tenant=acme", { addresses: { email: "secret@example.com" } });
    expect((await ask(keys.acme, "GET", "/v1/users/secret")).status).toBe(200);
    expect((await ask(keys.other, "GET", "/v1/users/secret")).status).toBe(404);
    expect(await ask(keys.other, "GET", "/v1/users/secret?tenant=acme")).toMatchObject({ status: 403, body: { code: "FORBIDDEN" } });
    expect(await ask(keys.acme, "DELETE", "/v1/users/secret")).toMatchObject({
      status: 403,
      body: { detail: expect.stringContaining("manage") },
    });
    expect((await asTenant("GET", "/v1/users/secret?tenant=acme")).status).toBe(200);
    expect((await asTenant("PUT", "/v1/users/secret?tenant=nobody", {})).status).toBe(404);
  });
});
