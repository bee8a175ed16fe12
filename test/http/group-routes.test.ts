import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Carillon } from "../../service/carillon.js";
import { type Asked, createAsk } from "./ask.js";
import { apiKeys, keys, startWithRoutes } from "./walked-server.js";

describe("groups over HTTP", () => {
  let carillon: Carillon;
  let stop: () => Promise<void>;
  beforeAll(async () => {
    ({ carillon, stop } = await startWithRoutes({ apiKeys, failedAuthenticationsPerMinute: 10_000 }));
  }, 60_000);
  afterAll(() => stop());

  const ask = createAsk(() => carillon.url);
  const asTenant = (method: string, path: string, body?: object): Promise<Asked> => ask(keys.operations, method, path, body);

  it("are created, renamed, read and deleted; their users stay", async () => {
    expect(await asTenant("PUT", "/v1/groups/news", { name: "News", attributes: { kind: "weekly" } })).toMatchObject({
      status: 200,
      body: { id: "news", name: "News", attributes: { kind: "weekly" }, members: 0 },
    });
    await asTenant("PUT", "/v1/users/ann", {});
    const joined = await asTenant("POST", "/v1/groups/news/members", { user: "ann", channels: ["email"] });
    expect(joined).toMatchObject({ status: 200, body: { members: 1, changed: true } });
    expect((await asTenant("POST", "/v1/groups/news/members", { user: "ann", channels: ["email"] })).body).toEqual({
      ...joined.body,
      changed: false,
    });
    expect((await asTenant("PUT", "/v1/groups/news", {})).body).toMatchObject({ name: null, members: 1 });
    expect((await asTenant("GET", "/v1/users/ann/groups")).body.items).toMatchObject([{ group: "news", channels: ["email"] }]);
    expect((await asTenant("DELETE", "/v1/groups/news")).status).toBe(204);
    expect(await asTenant("GET", "/v1/groups/news")).toMatchObject({
      status: 404,
      body: { detail: "there is no such group", errors: [{ field: "id" }] },
    });
    expect((await asTenant("DELETE", "/v1/groups/news")).status).toBe(404);
    expect((await asTenant("GET", "/v1/users/ann")).status).toBe(200);
    expect((await asTenant("GET", "/v1/users/ann/groups")).body.items).toEqual([]);
  });

  it("lose members, also those who are deleted", async () => {
    await asTenant("PUT", "/v1/groups/team", {});
    for (const user of ["one", "two", "three"]) {
      await asTenant("PUT", `/v1/users/${user}`, {});
      await asTenant("POST", "/v1/groups/team/members", { user });
    }
    expect((await asTenant("DELETE", "/v1/groups/team/members/one")).body).toMatchObject({ members: 2, changed: true });
    expect((await asTenant("DELETE", "/v1/groups/team/members/one")).body).toMatchObject({ members: 2, changed: false });
    await asTenant("DELETE", "/v1/users/two");
    expect((await asTenant("GET", "/v1/groups/team/members")).body.items).toMatchObject([{ user: "three" }]);
  });

  it("list the members of one version, whatever changes meanwhile", async () => {
    await asTenant("PUT", "/v1/groups/list", {});
    const users = Array.from({ length: 5 }, (_, index) => `m${index}`);
    for (const user of users) {
      await asTenant("PUT", `/v1/users/${user}`, {});
      await asTenant("POST", "/v1/groups/list/members", { user });
    }
    const first = await asTenant("GET", "/v1/groups/list/members?limit=2");
    await asTenant("DELETE", "/v1/groups/list/members/m0");
    await asTenant("PUT", "/v1/users/late", {});
    await asTenant("POST", "/v1/groups/list/members", { user: "late" });
    const seen = first.body.items.map(({ user }) => user);
    for (let cursor = first.body.cursor; cursor !== null; ) {
      const page: Asked = await asTenant("GET", `/v1/groups/list/members?limit=2&cursor=${cursor}`);
      expect(page.body.version).toBe(first.body.version);
      seen.push(...page.body.items.map(({ user }) => user));
      cursor = page.body.cursor;
    }
    expect(seen.sort()).toEqual(users);
  });

  it("name what is unknown or invalid", async () => {
    expect((await asTenant("POST", "/v1/groups/nowhere/members", { user: "ann" })).status).toBe(404);
    await asTenant("PUT", "/v1/groups/real", {});
    expect(await asTenant("POST", "/v1/groups/real/members", { user: "nobody" })).toMatchObject({
      status: 404,
      body: { errors: [{ field: "user" }] },
    });
    expect((await asTenant("POST", "/v1/groups/real/members", {})).body.errors).toMatchObject([{ field: "user" }]);
    expect((await asTenant("POST", "/v1/groups/real/members", { user: "ann", channels: ["fax"] })).body.errors).toMatchObject([
      { field: "channels.0" },
    ]);
    expect((await asTenant("PUT", "/v1/groups/real", { nam: "x" })).body.errors).toMatchObject([{ field: "nam" }]);
    expect((await asTenant("GET", "/v1/groups/nowhere/members")).status).toBe(404);
    expect((await asTenant("PUT", `/v1/groups/${"g".repeat(129)}`, {})).body.errors).toMatchObject([{ field: "id" }]);
  });

  it("of a tenant are seen and changed by no other", async () => {
    await asTenant("PUT", "/v1/groups/private?tenant=acme", { name: "Private" });
    expect((await ask(keys.acme, "GET", "/v1/groups/private")).status).toBe(200);
    expect((await ask(keys.other, "GET", "/v1/groups/private")).status).toBe(404);
    expect((await ask(keys.other, "GET", "/v1/groups")).body.items).toEqual([]);
    expect((await ask(keys.other, "GET", "/v1/groups/private?tenant=acme")).status).toBe(403);
  });
});
