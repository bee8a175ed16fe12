import { afterAll, beforeAll, expect, it } from "vitest";
import { oidcClient, startOidcProvider } from "../support/oidc-provider.js";
import { type OpenedConsole, openConsole } from "./opened-console.js";

const accounts = {
  ann: { claims: { name: "Ann", groups: ["operators"] } },
  eve: { claims: { name: "Eve", groups: [] } },
};

let provider: Awaited<ReturnType<typeof startOidcProvider>>;
let at: OpenedConsole;
beforeAll(async () => {
  provider = await startOidcProvider(accounts);
  const port = 30_000 + (process.pid % 2_000);
  const redirectUrl = `http://127.0.0.1:${port}/console/api/oidc/callback`;
  provider.allow(redirectUrl);
  const oidc = {
    ...{ issuer: provider.issuer, clientId: oidcClient.id, clientSecret: oidcClient.secret, redirectUrl, scopes: ["groups"] },
    grants: [{ value: "operators", tenant: "operations", scopes: ["send", "read", "manage", "operate"] }],
  };
  at = await openConsole({ apiKeys: [{ tenant: "operations", key: "operations-0123456789" }], http: { port, oidc } });
}, 120_000);
afterAll(async () => {
  await at?.close();
  await provider?.stop();
});

it("signs a person in by their account, and says why it does not", async () => {
  provider.signsIn("eve");
  await at.open("/");
  await at.page.getByRole("link", { name: "Sign in with your account" }).click();
  await at.page.getByText(/This account may not use the console/).waitFor();
  provider.signsIn("ann");
  await at.page.context().clearCookies();
  await at.page.getByRole("link", { name: "Sign in with your account" }).click();
  await at.page.getByRole("link", { name: "Tenants", exact: true }).click();
  await at.page.getByRole("heading", { level: 1, name: "Tenants" }).waitFor();
  expect(at.complaints).toEqual([]);
});
