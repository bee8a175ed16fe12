import { afterAll, beforeAll, expect, it } from "vitest";
import { type OpenedConsole, openConsole } from "./opened-console.js";
import { seriousFaults } from "./serious-faults.js";

let at: OpenedConsole;
let key = "";
beforeAll(async () => {
  at = await openConsole();
}, 120_000);
afterAll(async () => at?.close());

const dialog = () => at.page.getByRole("dialog");
const press = (name: string) => dialog().getByRole("button", { name, exact: true }).click();
const statusOf = async (path: string): Promise<number> =>
  (await fetch(`${at.carillon.url}${path}`, { headers: { authorization: `Bearer ${key}` } })).status;

it("creates a tenant, and shows a mistake next to its field", async () => {
  await at.open("/tenants");
  await at.page.getByRole("button", { name: "Create tenant" }).click();
  await dialog().getByLabel("ID").fill("The Shop");
  await dialog().getByLabel("Name").fill("The shop");
  await press("Create");
  await expect.poll(() => dialog().getByLabel("ID").getAttribute("aria-invalid")).toBe("true");
  await dialog()
    .getByText(/^is not 1 to 63 lower-case letters/)
    .waitFor();
  await dialog().getByLabel("ID").fill("shop");
  await at.page.keyboard.press("Enter");
  await at.page.getByRole("heading", { level: 1, name: "shop" }).waitFor();
  await at.page.getByText("This tenant has no keys").waitFor();
});

it("creates a key, shows it once and copies it", async () => {
  await at.page.getByRole("button", { name: "Create key" }).click();
  await dialog().getByLabel("Name").fill("web server");
  await press("Create");
  key = await dialog().getByLabel("Key", { exact: true }).inputValue();
  await press("Copy");
  await dialog().getByText("Copied").waitFor();
  expect(await at.page.evaluate("navigator.clipboard.readText()")).toBe(key);
  expect(await statusOf("/v1/messages?limit=1")).toBe(200);
  await at.page.keyboard.press("Escape");
  await press("Done");
  const row = at.page.getByRole("row", { name: /web server/ });
  await row.getByText("send, read").waitFor();
  await at.picture("tenants");
  expect(await at.page.content()).not.toContain(key);
  expect(await at.page.evaluate("JSON.stringify([localStorage, sessionStorage])")).not.toContain(key);
});

it("offers a test key only the scopes that it can have", async () => {
  await at.page.getByRole("button", { name: "Create key" }).click();
  await dialog().getByRole("checkbox", { name: "manage" }).check();
  await dialog().getByRole("checkbox", { name: "Test key" }).check();
  await expect.poll(() => dialog().getByRole("checkbox", { name: "manage" }).isChecked()).toBe(false);
  expect(await dialog().getByRole("checkbox", { name: "operate" }).isDisabled()).toBe(true);
  await dialog().getByRole("checkbox", { name: "send" }).uncheck();
  await dialog().getByRole("checkbox", { name: "read" }).uncheck();
  await press("Create");
  await dialog()
    .getByText(/^is empty: give a list/)
    .waitFor();
  await press("Cancel");
});

it("rotates a key without an overlap, and revokes the new one", async () => {
  const former = key;
  await at.page.getByRole("button", { name: "Rotate web server" }).click();
  await dialog().getByLabel("The former key stays valid for").click();
  await at.page.getByRole("option", { name: "No time" }).click();
  await press("Rotate");
  key = await dialog().getByLabel("Key", { exact: true }).inputValue();
  expect(key).not.toBe(former);
  await press("Done");
  await at.page.getByRole("row", { name: /web server.*expired/ }).waitFor();
  expect(await statusOf("/v1/messages?limit=1")).toBe(200);
  await at.page.getByRole("button", { name: "Revoke web server" }).click();
  await press("Revoke");
  await at.page.getByRole("row", { name: /web server.*revoked/ }).waitFor();
  expect(await statusOf("/v1/messages?limit=1")).toBe(401);
});

it("renames a tenant, suspends it and activates it again", async () => {
  await at.page.getByRole("button", { name: "Rename" }).click();
  await dialog().getByLabel("Name").fill("The corner shop");
  await press("Save");
  await at.page.getByText("The corner shop").waitFor();
  await at.page.getByRole("button", { name: /^Suspend/ }).click();
  await press("Suspend");
  await at.page.getByRole("button", { name: "Activate" }).click();
  await at.page.getByRole("button", { name: /^Suspend/ }).waitFor();
});

it("deletes a tenant only once its id was typed", async () => {
  await at.page.getByRole("button", { name: /^Delete/ }).click();
  expect(await dialog().getByRole("button", { name: "Delete", exact: true }).isDisabled()).toBe(true);
  await dialog().getByLabel("Type shop to confirm").fill("shop");
  await press("Delete");
  await at.page.getByRole("heading", { level: 1, name: "Tenants" }).waitFor();
  await expect.poll(() => at.page.getByRole("link", { name: "shop", exact: true }).count()).toBe(0);
});

it("shows the tenants page by page", async () => {
  for (let index = 0; index < 55; index += 1) await at.call("POST", "/v1/tenants", { id: `tenant-${String(index).padStart(2, "0")}` });
  await at.open("/tenants");
  await at.page.getByRole("link", { name: "tenant-40" }).waitFor();
  expect(await at.page.getByRole("link", { name: "tenant-54" }).count()).toBe(0);
  await at.page.getByRole("button", { name: "Next page" }).click();
  await at.page.getByRole("link", { name: "tenant-54" }).waitFor();
  await at.page.getByRole("button", { name: "First page" }).click();
  await at.page.getByRole("link", { name: "tenant-00" }).click();
  await at.page.getByRole("heading", { level: 1, name: "tenant-00" }).waitFor();
});

it("shows why a tenant cannot be suspended", async () => {
  await at.open("/tenants/local");
  await at.page.getByRole("button", { name: /^Suspend/ }).click();
  await press("Suspend");
  await dialog()
    .getByText(/the configuration names the tenant local/)
    .waitFor();
});

it("has no serious fault for screen readers, and fits a phone", async () => {
  await at.call("POST", "/v1/tenants/tenant-01/keys", { scopes: ["read"] });
  expect(await at.faultsAt(["/tenants", "/tenants/tenant-01", "/tenants/unknown"])).toEqual([]);
  await at.open("/tenants/tenant-01");
  await at.page.getByRole("button", { name: "Create key" }).click();
  await dialog().getByLabel("Name").waitFor();
  expect(await seriousFaults(at.page)).toEqual([]);
  await press("Create");
  await dialog().getByLabel("Key", { exact: true }).waitFor();
  expect(await seriousFaults(at.page)).toEqual([]);
  expect(at.complaints).toEqual([]);
});
