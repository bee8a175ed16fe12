import { generateKeyPairSync } from "node:crypto";
import { SignJWT } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Carillon } from "../../service/carillon.js";
import { answerJson, type HttpPeer, startHttpPeer } from "../support/http-peer.js";
import { apiKeys, asKey, call, keys, type Route, startWithRoutes } from "./walked-server.js";

interface Body {
  readonly kid: string;
  readonly detail: string;
  readonly items: readonly Readonly<Record<string, unknown>>[];
  readonly errors: readonly { readonly field: string; readonly fix: string }[];
}

const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
const pem = publicKey.export({ type: "spki", format: "pem" }).toString();
const url = "/v1/tenants/acme/token-keys";

describe("tokens of users over HTTP", () => {
  let carillon: Carillon;
  let routes: readonly Route[];
  let stop: () => Promise<void>;
  let keySet: HttpPeer;
  beforeAll(async () => {
    keySet = await startHttpPeer(answerJson(200, { keys: [{ ...publicKey.export({ format: "jwk" }), kid: "in-set" }] }));
    ({ carillon, routes, stop } = await startWithRoutes(
      { apiKeys, failedAuthenticationsPerMinute: 3 },
      { tenants: { allowAddresses: ["127.0.0.0/8"] } },
    ));
  }, 60_000);
  afterAll(async () => {
    await stop();
    await keySet.stop();
  });

  const ask = async (bearer: string, method: string, path: string, body?: object) => {
    const answer = await call(carillon.url, method, path, asKey(bearer), body && JSON.stringify(body));
    return { status: answer.status, headers: answer.headers, body: (answer.text === "" ? {} : JSON.parse(answer.text)) as Body };
  };
  const operate = (method: string, path: string, body?: object) => ask(keys.operations, method, path, body);
  const tokenOf = (kid: string, sub = "ann", seconds = 600): Promise<string> =>
    new SignJWT({ sub, exp: Math.floor(Date.now() / 1_000) + seconds }).setProtectedHeader({ alg: "ES256", kid }).sign(privateKey);
  const registered = async (): Promise<string> => (await operate("POST", url, { alg: "ES256", publicKey: pem })).body.kid;

  it("are verified by a registered key, until it is removed", async () => {
    await operate("PUT", "/v1/users/ann?tenant=acme", { addresses: { email: "ann@example.com" } });
    const created = await operate("POST", url, { alg: "ES256", publicKey: publicKey.export({ format: "jwk" }) });
    expect(created).toMatchObject({
      status: 201,
      body: { kid: expect.stringMatching(/^tk-/), alg: "ES256", publicKey: pem, jwksUrl: null },
    });
    const { kid } = created.body;
    expect((await operate("GET", url)).body.items).toContainEqual(created.body);
    expect(await ask(await tokenOf(kid), "GET", "/v1/users/ann")).toMatchObject({ status: 200, body: { id: "ann" } });
    expect((await operate("DELETE", `${url}/${kid}`)).status).toBe(204);
    expect(await ask(await tokenOf(kid), "GET", "/v1/users/ann")).toMatchObject({
      status: 401,
      headers: { "www-authenticate": 'Bearer error="invalid_token"' },
      body: { detail: expect.stringContaining("no tenant has a token key") },
    });
    expect((await operate("DELETE", `${url}/${kid}`)).status).toBe(404);
    const actions = (await operate("GET", "/v1/audit?tenant=acme&limit=1000")).body.items.map(({ action }) => action);
    expect(actions).toEqual(expect.arrayContaining(["tokenKey.create", "tokenKey.remove"]));
  });

  it("reach their own user and no other, nor any other route", async () => {
    const kid = await registered();
    for (const user of ["ann", "ben"]) await operate("PUT", `/v1/users/${user}?tenant=acme`, {});
    const [ann, ben] = [await tokenOf(kid), await tokenOf(kid, "ben")];
    const device = { channel: "push", address: "token-of-ann", app: "shop" };
    expect((await ask(ann, "POST", "/v1/users/ann/addresses", device)).status).toBe(200);
    expect((await ask(ann, "GET", "/v1/users/ann/groups")).status).toBe(200);
    expect((await ask(ann, "DELETE", "/v1/users/ann/addresses", device)).status).toBe(200);
    expect(await ask(ann, "POST", "/v1/users/ann/addresses", { channel: "email", address: "victim@example.com" })).toMatchObject({
      status: 403,
      body: { detail: expect.stringContaining("push and device") },
    });
    expect((await ask(ann, "GET", "/v1/users/ann?tenant=other")).status).toBe(403);
    for (const { method, url: path, access } of routes) {
      if (access !== "tenant" && access !== "operator") continue;
      const { status, body } = await ask(ben, method, path.replaceAll(/:id\b/g, "ann").replaceAll(/:\w+/g, "x"));
      expect(status, `${method} ${path}`).toBe(403);
      if (method !== "HEAD") expect(body.detail).toMatch(/the token of a user/);
    }
  });

  it("are verified by a key in the tenant's set", async () => {
    expect((await operate("POST", url, { kid: "in-set", alg: "ES256", jwksUrl: `${keySet.url}/jwks` })).status).toBe(201);
    expect((await ask(await tokenOf("in-set"), "GET", "/v1/users/ann/groups")).status).toBe(200);
    expect(keySet.calls.map((one) => one.url)).toEqual(["/jwks"]);
    await operate("POST", url, { kid: "away", alg: "ES256", jwksUrl: "http://169.254.169.254/latest" });
    expect(await ask(await tokenOf("away"), "GET", "/v1/users/ann")).toMatchObject({ status: 503, headers: { "retry-after": "2" } });
  });

  it("do not block others at their address, whatever is wrong with them", async () => {
    const kid = await registered();
    for (let index = 0; index < 10; index += 1)
      expect((await ask(await tokenOf(kid, "ann", -3_600), "GET", "/v1/users/ann")).status).toBe(401);
    expect((await ask(await tokenOf(kid), "GET", "/v1/users/ann")).status).toBe(200);
    expect(await (await fetch(`${carillon.url}/metrics`)).text()).toMatch(
      /carillon_authentication_failures_total\{kind="token",result="refused"\} 1\d/,
    );
  });

  it("need keys that fit, of one tenant", async () => {
    const refused = async (body: object) => {
      const answer = await operate("POST", url, body);
      expect(answer.status, JSON.stringify(body)).toBe(400);
      return answer.body.errors.map(({ field }) => field);
    };
    expect(await refused({ alg: "ES256" })).toEqual(["publicKey"]);
    expect(await refused({ alg: "ES256", publicKey: pem, jwksUrl: "https://shop.test/" })).toEqual(["jwksUrl", "kid"]);
    expect(await refused({ alg: "HS256", publicKey: pem })).toEqual(["alg"]);
    expect(await refused({ alg: "EdDSA", publicKey: pem })).toEqual(["publicKey"]);
    expect(await refused({ alg: "ES256", publicKey: pem, kid: "with space" })).toEqual(["kid"]);
    expect(await refused({ alg: "ES256", kid: "k", jwksUrl: "https://user:password@shop.test/" })).toEqual(["jwksUrl"]);
    const secret = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
    const answer = await operate("POST", url, { alg: "ES256", publicKey: secret });
    expect(answer).toMatchObject({
      status: 400,
      body: { errors: [{ field: "publicKey", fix: expect.stringContaining("replace this key") }] },
    });
    expect(JSON.stringify(answer.body)).not.toContain(secret.split("\n")[1]);
    expect((await operate("POST", url, { kid: "shared", alg: "ES256", publicKey: pem })).status).toBe(201);
    for (const tenant of ["acme", "other"])
      expect(await operate("POST", `/v1/tenants/${tenant}/token-keys`, { kid: "shared", alg: "ES256", publicKey: pem })).toMatchObject({
        status: 409,
        body: { errors: [{ field: "kid" }] },
      });
  });
});
