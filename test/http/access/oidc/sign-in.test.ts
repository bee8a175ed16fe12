import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sealText } from "../../../../http/access/oidc/sealed-text.js";
import type { Carillon } from "../../../../service/carillon.js";
import { oidcClient, startOidcProvider } from "../../../support/oidc-provider.js";
import { apiKeys, call, startWithRoutes } from "../../walked-server.js";

/** Cookies of a browser, by the host that set them. */
type Jar = Map<string, Map<string, string>>;

const accounts = {
  ann: { claims: { name: "Ann", groups: ["staff", "operators"] } },
  ben: { claims: { name: "Ben" }, more: { groups: "shop-team" } },
  eve: { claims: { name: "Eve", groups: ["visitors"] } },
};

describe("sign-in at an OpenID provider", () => {
  let provider: Awaited<ReturnType<typeof startOidcProvider>>;
  let carillon: Carillon;
  let stop: () => Promise<void>;
  beforeAll(async () => {
    provider = await startOidcProvider(accounts);
    const port = 20_000 + (process.pid % 10_000);
    const redirectUrl = `http://127.0.0.1:${port}/console/api/oidc/callback`;
    provider.allow(redirectUrl);
    const grants = [
      { value: "operators", tenant: "operations", scopes: ["read", "manage", "operate"] },
      { value: "shop-team", tenant: "acme", scopes: ["read"] },
    ];
    const oidc = {
      issuer: provider.issuer,
      clientId: oidcClient.id,
      clientSecret: oidcClient.secret,
      redirectUrl,
      scopes: ["groups"],
      grants,
    };
    ({ carillon, stop } = await startWithRoutes({ apiKeys, port, failedAuthenticationsPerMinute: 5, oidc }));
  }, 60_000);
  afterAll(async () => {
    await stop();
    await provider.stop();
  });

  /** One request of a browser, which keeps cookies. */
  const visit = async (url: string, jar: Jar) => {
    const { origin, pathname, search } = new URL(url);
    const own = jar.get(origin) ?? new Map<string, string>();
    jar.set(origin, own);
    const cookie = [...own].map(([name, value]) => `${name}=${value}`).join("; ");
    const answer = await call(origin, "GET", `${pathname}${search}`, { host: new URL(url).host, ...(cookie === "" ? {} : { cookie }) });
    for (const text of [answer.headers["set-cookie"] ?? []].flat()) {
      const [pair = ""] = text.split(";");
      const at = pair.indexOf("=");
      if (/max-age=0|expires=Thu, 01 Jan 1970/i.test(text)) own.delete(pair.slice(0, at));
      else own.set(pair.slice(0, at), pair.slice(at + 1));
    }
    return answer;
  };
  /** Follows redirects until a page is reached, or one for which `stopsAt` is true. */
  const follow = async (from: string, jar: Jar, stopsAt: (url: string) => boolean = () => false): Promise<string> => {
    let url = new URL(from, carillon.url).href;
    for (let steps = 0; steps < 15; steps += 1) {
      if (stopsAt(url)) return url;
      const { status, headers } = await visit(url, jar);
      if (status < 300 || status > 399) return url;
      url = new URL(String(headers.location), url).href;
    }
    throw new Error(`too many redirects to ${url}`);
  };
  const isReturn = (url: string): boolean => url.includes("/console/api/oidc/callback");
  const session = async (jar: Jar) => JSON.parse((await visit(`${carillon.url}/console/api/session`, jar)).text) as object;
  const ask = async (path: string, jar: Jar) => (await visit(`${carillon.url}${path}`, jar)).status;

  it("gives a person the scopes of their group, in a session that reveals nothing", async () => {
    provider.signsIn("ann");
    const jar: Jar = new Map();
    expect(await follow("/console/api/oidc", jar)).toBe(`${carillon.url}/`);
    expect(await session(jar)).toMatchObject({ signedIn: true, tenant: "operations", operator: true, byOidc: true });
    expect(await ask("/v1/tenants", jar)).toBe(200);
    expect([...(jar.get(String(carillon.url))?.keys() ?? [])]).toEqual(["carillon_session"]);
    const stored = JSON.stringify([...(await carillon.stores.cells.all("console-sessions"))]);
    for (const text of ["ann", "Ann", "operators"]) expect(stored).not.toContain(text);
  });

  it("reads groups from the userinfo if the token has none", async () => {
    provider.signsIn("ben");
    const jar: Jar = new Map();
    expect(await follow("/console/api/oidc", jar)).toBe(`${carillon.url}/`);
    expect(await session(jar)).toMatchObject({ signedIn: true, tenant: "acme", operator: false });
    expect(await ask("/reports", jar)).toBe(200);
    expect(await ask("/v1/tenants", jar)).toBe(403);
    expect(await ask("/v1/tenants/other", jar)).toBe(403);
  });

  it("lets in nobody without a grant, who declined, or who did not begin here", async () => {
    provider.signsIn("eve");
    expect(await follow("/console/api/oidc", new Map())).toBe(`${carillon.url}/?sign-in=forbidden`);
    provider.declines();
    expect(await follow("/console/api/oidc", new Map())).toBe(`${carillon.url}/?sign-in=refused`);
    provider.signsIn("ann");
    const [own, other]: Jar[] = [new Map(), new Map()];
    const back = await follow("/console/api/oidc", own as Jar, isReturn);
    // a stolen link, in a browser that began another sign-in, and in one that began none
    await follow("/console/api/oidc", other as Jar, isReturn);
    for (const jar of [other as Jar, new Map() as Jar]) {
      expect(await follow(back, jar)).toBe(`${carillon.url}/?sign-in=refused`);
      expect(await session(jar)).toMatchObject({ signedIn: false });
    }
    // the fifth failure of this address
    await follow(back, new Map());
    const limited = await visit(back, own as Jar);
    expect(limited).toMatchObject({ status: 429, headers: { "ratelimit-policy": '"failed-authentications";q=5;w=60' } });
  });

  it("opens no sealed state of another secret or purpose", async () => {
    const kept = { state: "s", nonce: "n", verifier: "v", untilMs: Date.now() + 60_000 };
    for (const state of [sealText(JSON.stringify(kept), "another secret", "carillon console sign-in"), "", "e30", "%00"]) {
      const jar: Jar = new Map([[String(carillon.url), new Map([["carillon_sign_in", state]])]]);
      expect([303, 429]).toContain((await visit(`${carillon.url}/console/api/oidc/callback?code=c&state=s`, jar)).status);
      expect(await session(jar)).toMatchObject({ signedIn: false });
    }
  });
});
