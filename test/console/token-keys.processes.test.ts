import { generateKeyPairSync } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type OpenedConsole, openConsole } from "./opened-console.js";
import { seriousFaults } from "./serious-faults.js";

let at: OpenedConsole;
const elliptic = generateKeyPairSync("ec", { namedCurve: "P-256" });
const edwards = generateKeyPairSync("ed25519");
const pem = elliptic.publicKey.export({ type: "spki", format: "pem" }).toString();

beforeAll(async () => {
  at = await openConsole();
  await at.call("POST", "/v1/tenants", { id: "shop" });
  await at.open("/tenants/shop");
}, 120_000);
afterAll(async () => at?.close());

const dialog = () => at.page.getByRole("dialog");
const press = (name: string) => dialog().getByRole("button", { name, exact: true }).click();
const register = () => at.page.getByRole("button", { name: "Register token key" }).click();
const row = (name: string) => at.page.getByRole("table", { name: "Token keys" }).getByRole("row", { name });
const stored = async () => ((await at.call("GET", "/v1/tenants/shop/token-keys")) as { items: Record<string, unknown>[] }).items;

it("shows a mistake next to its field, and registers no private key", async () => {
  await at.page.getByText(/^This tenant has no token keys/).waitFor();
  await register();
  await press("Register");
  await dialog()
    .getByText(/^is missing: give publicKey or jwksUrl/)
    .waitFor();
  const key = dialog().getByLabel("Public key in PEM or as a JSON Web Key");
  await key.fill(elliptic.privateKey.export({ type: "pkcs8", format: "pem" }).toString());
  await press("Register");
  await dialog()
    .getByText(/^contains a private key/)
    .waitFor();
  expect(await key.getAttribute("aria-invalid")).toBe("true");
  expect(await seriousFaults(at.page)).toEqual([]);
  expect(await stored()).toEqual([]);
});

it("registers a public key in PEM under its key ID", async () => {
  await dialog().getByLabel("Key ID").fill("shop-2026");
  await dialog().getByLabel("Public key in PEM or as a JSON Web Key").fill(pem);
  await press("Register");
  await row("shop-2026").getByText("ES256").waitFor();
  expect(await stored()).toMatchObject([{ kid: "shop-2026", alg: "ES256", publicKey: pem, jwksUrl: null }]);
});

it("registers a JSON Web Key, and shows that its key ID is taken", async () => {
  await register();
  await dialog().getByLabel("Key ID").fill("shop-2026");
  await dialog().getByRole("combobox", { name: "Algorithm" }).click();
  await at.page.getByRole("option", { name: /^EdDSA/ }).click();
  await dialog()
    .getByLabel("Public key in PEM or as a JSON Web Key")
    .fill(JSON.stringify(edwards.publicKey.export({ format: "jwk" })));
  await press("Register");
  await dialog()
    .getByText(/remove it first, or choose another kid/)
    .waitFor();
  await dialog().getByLabel("Key ID").fill("");
  await press("Register");
  await row("tk-").getByText("EdDSA").waitFor();
});

it("registers the URL of a key set", async () => {
  await register();
  await dialog().getByLabel("Key set", { exact: true }).check();
  await dialog().getByLabel("URL of the key set").fill("https://shop.example/keys.json");
  await press("Register");
  await dialog()
    .getByText(/give the kid of a key in the set/)
    .waitFor();
  await dialog().getByLabel("Key ID").fill("set/1");
  await dialog().getByLabel("URL of the key set").press("Enter");
  await row("set/1").getByText("https://shop.example/keys.json").waitFor();
});

it("removes a key only after a confirmation", async () => {
  await at.page.getByRole("button", { name: "Remove set/1" }).click();
  await press("Cancel");
  await row("set/1").waitFor();
  await at.page.getByRole("button", { name: "Remove set/1" }).click();
  await dialog()
    .getByText(/refuse tokens of the key set\/1/)
    .waitFor();
  await press("Remove");
  await row("set/1").waitFor({ state: "detached" });
  expect((await stored()).map(({ alg }) => alg)).toEqual(["EdDSA", "ES256"]);
});

it("has no serious fault for screen readers, and fits a phone", async () => {
  expect(await at.faultsAt(["/tenants/shop"])).toEqual([]);
  await register();
  await dialog().getByLabel("Key set", { exact: true }).check();
  expect(await seriousFaults(at.page)).toEqual([]);
  expect(at.complaints).toEqual([]);
});
