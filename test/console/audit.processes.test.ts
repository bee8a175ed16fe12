import { afterAll, beforeAll, expect, it } from "vitest";
import { type OpenedConsole, openConsole } from "./opened-console.js";

let at: OpenedConsole;
beforeAll(async () => {
  at = await openConsole();
  await at.call("POST", "/v1/tenants", { id: "bakery", name: "The bakery" });
  await at.call("POST", "/v1/tenants", { id: "shop", name: "The shop" });
  await at.call("PATCH", "/v1/tenants/shop", { name: "The corner shop" });
  const { id } = (await at.call("POST", "/v1/tenants/shop/keys", { scopes: ["send", "read"], name: "web server" })) as { id: string };
  await at.call("DELETE", `/v1/tenants/shop/keys/${id}`);
}, 120_000);
afterAll(async () => at?.close());

const rows = () => at.page.locator("tbody tr");

it("shows the changes of all tenants, latest first, with their values before and after", async () => {
  await at.open("/audit");
  await expect.poll(async () => rows().first().textContent()).toMatch(/key\.revoke.*shop.*Revoked at: none → \d/);
  await at.page.getByRole("row", { name: /tenant\.change.*Name: The shop → The corner shop/ }).waitFor();
  await at.page.getByRole("row", { name: /tenant\.create.*tenant bakery/ }).waitFor();
  await at.picture("audit");
});

it("shows the changes of one tenant", async () => {
  await at.page.getByRole("combobox", { name: "Tenant" }).fill("bakery");
  await at.page.keyboard.press("Enter");
  await expect.poll(() => rows().count()).toBe(1);
  await at.page.getByRole("row", { name: /tenant\.create.*tenant bakery/ }).waitFor();
  await at.open("/audit?tenant=unknown");
  await at.page.getByText("No administrative changes are recorded").waitFor();
});

it("shows older changes page by page", async () => {
  for (let index = 0; index < 55; index += 1) await at.call("PATCH", "/v1/tenants/bakery", { name: `The bakery ${index}` });
  await at.open("/audit?tenant=bakery");
  await at.page.getByText("The bakery 54", { exact: true }).waitFor();
  expect(await rows().count()).toBe(50);
  await at.page.getByRole("button", { name: "Older" }).click();
  await at.page.getByRole("row", { name: /tenant\.create/ }).waitFor();
  await at.page.getByRole("button", { name: "Newest" }).click();
  await at.page.getByText("The bakery 54", { exact: true }).waitFor();
});

it("has no serious fault for screen readers, and fits a phone", async () => {
  expect(await at.faultsAt(["/audit"])).toEqual([]);
  expect(at.complaints).toEqual([]);
});
