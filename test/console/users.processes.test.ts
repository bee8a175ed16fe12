import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type OpenedConsole, openConsole } from "./opened-console.js";
import { seriousFaults } from "./serious-faults.js";

let at: OpenedConsole;
beforeAll(async () => {
  at = await openConsole();
  await at.call("POST", "/v1/tenants", { id: "shop", name: "The shop" });
}, 120_000);
afterAll(async () => at?.close());

const dialog = () => at.page.getByRole("dialog");
const press = (name: string) => dialog().getByRole("button", { name, exact: true }).click();
const fill = (label: string, text: string) => dialog().getByLabel(label).fill(text);
const choose = (name: string, text: string) =>
  at.page.locator('input[type="file"]').setInputFiles({ name, mimeType: "application/octet-stream", buffer: Buffer.from(text) });

it("creates a user of a chosen tenant, and shows mistakes next to their fields", async () => {
  await at.open("/users");
  await at.page.getByText("This tenant has no users yet").waitFor();
  await at.page.getByRole("combobox", { name: "Tenant" }).fill("shop");
  await at.page.keyboard.press("Enter");
  await expect.poll(() => at.page.url()).toContain("tenant=shop");
  await at.page.getByRole("button", { name: "Create user" }).click();
  await fill("ID", "ann/küche");
  await fill("Email", "ann at example.com");
  await fill("Time zone", "Europe/Nowhere");
  await fill("Attributes", '{"plan": "pro"');
  await press("Create");
  await dialog()
    .getByText(/^is not valid JSON/)
    .waitFor();
  await fill("Attributes", '{"plan": "pro", "tags": ["a", "b"]}');
  await press("Create");
  await expect.poll(() => dialog().getByLabel("Email").getAttribute("aria-invalid")).toBe("true");
  expect(await dialog().getByLabel("Time zone").getAttribute("aria-invalid")).toBe("true");
  expect(await dialog().getByRole("alert").count()).toBe(0);
  await fill("Email", "ann@example.com");
  await fill("Time zone", "Europe/Rome");
  await press("Create");
  await at.page.getByRole("heading", { level: 1, name: "ann/küche" }).waitFor();
  await at.page.getByText("Europe/Rome").waitFor();
  await at.page.getByText("a, b").waitFor();
  expect(await at.call("GET", `/v1/users/${encodeURIComponent("ann/küche")}?tenant=shop`)).toMatchObject({
    addresses: { email: "ann@example.com" },
    attributes: { plan: "pro", tags: ["a", "b"] },
  });
});

it("does not replace a user that exists with a new one", async () => {
  await at.open("/users?tenant=shop");
  await at.page.getByRole("button", { name: "Create user" }).click();
  await fill("ID", "ann/küche");
  await press("Create");
  await dialog()
    .getByText(/the user has the revision 1/)
    .waitFor();
  await press("Cancel");
});

it("finds a user by its id, and adds and removes an address", async () => {
  await at.page.getByLabel("User ID").fill("ann/küche");
  await at.page.keyboard.press("Enter");
  await at.page.getByRole("button", { name: "Add address" }).click();
  await dialog().getByLabel("Channel").click();
  await at.page.getByRole("option", { name: "device" }).click();
  await fill("Address", "phone 1");
  await press("Add");
  await expect.poll(() => dialog().getByLabel("Address").getAttribute("aria-invalid")).toBe("true");
  await fill("Address", "phone-1");
  await press("Add");
  await at.page.getByRole("button", { name: "Remove phone-1" }).click();
  await press("Remove");
  await expect.poll(() => at.page.getByRole("cell", { name: "phone-1", exact: true }).count()).toBe(0);
  await at.page.getByRole("cell", { name: "ann@example.com", exact: true }).waitFor();
});

it("changes a user, but not one that was changed meanwhile", async () => {
  await at.page.getByRole("button", { name: "Edit" }).click();
  await fill("Locale", "it-IT");
  await at.call("PUT", `/v1/users/${encodeURIComponent("ann/küche")}?tenant=shop`, { locale: "en-US" });
  await press("Save");
  await dialog()
    .getByText(/the user has the revision 2/)
    .waitFor();
  await at.open(`/users/${encodeURIComponent("ann/küche")}?tenant=shop`);
  await at.page.getByRole("button", { name: "Edit" }).click();
  await fill("Locale", "it-IT");
  await press("Save");
  await at.page.getByText("it-IT").waitFor();
});

it("deletes a user", async () => {
  await at.page.getByRole("button", { name: /^Delete/ }).click();
  await press("Delete");
  await at.page.getByText("This tenant has no users yet").waitFor();
});

it("imports 10,000 users with its progress, and lists the invalid lines", async () => {
  const lines = Array.from({ length: 10_000 }, (_, index) =>
    JSON.stringify({
      id: `user-${String(index).padStart(5, "0")}`,
      addresses: { email: index === 6 ? "nobody" : `user${index}@example.com` },
    }),
  );
  await at.page.getByRole("link", { name: "Import" }).click();
  await choose("users.ndjson", `${lines.join("\n")}\n`);
  await at.page.getByRole("button", { name: "Import", exact: true }).click();
  await at.page.getByRole("progressbar", { name: "Import" }).waitFor();
  await at.page.getByText("9,999 lines imported").waitFor({ timeout: 60_000 });
  const row = at.page.getByRole("table", { name: "Invalid lines" }).getByRole("row", { name: /^7 addresses\.email/ });
  await row.waitFor();
});

it("imports nothing of a list with an invalid line, if so asked", async () => {
  await choose("users.csv", "id,email\nbea,bea@example.com\ncem,nobody\n");
  await at.page.getByRole("combobox", { name: "If a line is invalid" }).click();
  await at.page.getByRole("option", { name: "Import nothing" }).click();
  await at.page.getByRole("button", { name: "Import", exact: true }).click();
  await at.page.getByText("1 line is invalid, so nothing was stored").waitFor();
  await at.page.getByRole("row", { name: /^3 addresses\.email/ }).waitFor();
});

it("shows the users page by page, and exports them", async () => {
  await at.page.getByRole("link", { name: "Users" }).last().click();
  await at.page.getByRole("link", { name: "user-00000" }).waitFor();
  expect(await at.page.getByRole("link", { name: /^user-/ }).count()).toBe(50);
  await at.picture("users");
  await at.page.getByRole("button", { name: "Next page" }).click();
  await at.page.getByRole("link", { name: "user-00051" }).waitFor();
  const downloading = at.page.waitForEvent("download");
  await at.page.getByRole("link", { name: "Export CSV" }).click();
  const rows = readFileSync(await (await downloading).path(), "utf8")
    .trim()
    .split("\n");
  expect(rows).toHaveLength(10_000);
  expect(rows[0]).toMatch(/^"?id"?,/);
});

it("shows that there is no such user", async () => {
  await at.open("/users/unknown?tenant=shop");
  await at.page.getByText("there is no such user: create the user first, or correct the id", { exact: true }).waitFor();
});

it("has no serious fault for screen readers, and fits a phone", async () => {
  await at.call("PUT", "/v1/users/ann?tenant=shop", {
    addresses: { email: "ann@example.com", push: [{ address: "https://push.example.com/a-long-endpoint-of-a-browser", app: "web" }] },
    attributes: { plan: "pro" },
  });
  await at.call("PUT", "/v1/groups/news?tenant=shop", { name: "News" });
  await at.call("POST", "/v1/groups/news/members?tenant=shop", { user: "ann", channels: ["email"] });
  expect(await at.faultsAt(["/users?tenant=shop", "/users/ann?tenant=shop", "/import-users", "/users/unknown"])).toEqual([]);
  await at.open("/users/ann?tenant=shop");
  await at.page.getByRole("cell", { name: "news" }).waitFor();
  await at.page.getByRole("button", { name: "Edit" }).click();
  await dialog().getByLabel("Attributes").waitFor();
  expect(await seriousFaults(at.page)).toEqual([]);
  expect(at.complaints).toEqual([]);
});
