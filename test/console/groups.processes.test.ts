import { afterAll, beforeAll, expect, it } from "vitest";
import { type OpenedConsole, openConsole } from "./opened-console.js";
import { seriousFaults } from "./serious-faults.js";

let at: OpenedConsole;
beforeAll(async () => {
  at = await openConsole();
  await at.call("POST", "/v1/tenants", { id: "shop", name: "The shop" });
  const users = Array.from({ length: 120 }, (_, index) => JSON.stringify({ id: `user-${index}`, locale: "en-US" })).join("\n");
  const headers = { "content-type": "application/x-ndjson" };
  const response = await fetch(`${at.carillon.url}/v1/users/import?tenant=shop`, { method: "POST", headers, body: users });
  expect(response.status).toBe(200);
}, 120_000);
afterAll(async () => at?.close());

const dialog = () => at.page.getByRole("dialog");
const press = (name: string) => dialog().getByRole("button", { name, exact: true }).click();
const choose = (name: string, text: string) =>
  at.page.locator('input[type="file"]').setInputFiles({ name, mimeType: "application/octet-stream", buffer: Buffer.from(text) });

it("creates a group of a chosen tenant, and does not replace it with a new one", async () => {
  await at.open("/groups?tenant=shop");
  await at.page.getByText("This tenant has no groups yet").waitFor();
  for (const ends of ["created", "taken"]) {
    await at.page.getByRole("button", { name: "Create group" }).click();
    await dialog().getByLabel("ID").fill("news/2027");
    await dialog().getByLabel("Name").fill(`News, ${ends}`);
    await press("Create");
    if (ends === "taken") break;
    await at.page.getByRole("heading", { level: 1, name: "news/2027" }).waitFor();
    await at.page.getByText("This group has no members yet").waitFor();
    await at.page.getByRole("main").getByRole("link", { name: "Groups" }).click();
  }
  await dialog()
    .getByText(/^is taken/)
    .waitFor();
  await press("Cancel");
  await at.page.getByRole("link", { name: "news/2027" }).click();
  await at.page.getByText("News, created").waitFor();
});

it("adds a member with its channels, and shows an unknown user next to the field", async () => {
  await at.page.getByRole("button", { name: "Add member" }).click();
  await dialog().getByLabel("User ID").fill("unknown");
  await press("Add");
  await dialog()
    .getByText(/^is not a user of this tenant/)
    .waitFor();
  expect(await dialog().getByLabel("User ID").getAttribute("aria-invalid")).toBe("true");
  await dialog().getByLabel("User ID").fill("user-0");
  await dialog().getByRole("checkbox", { name: "email" }).check();
  await press("Add");
  await at.page.getByRole("row", { name: /^user-0 email/ }).waitFor();
});

it("removes a member", async () => {
  await at.page.getByRole("button", { name: "Remove user-0" }).click();
  await press("Remove");
  await at.page.getByText("This group has no members yet").waitFor();
});

it("imports members, and lists the users that do not exist", async () => {
  await at.page.getByRole("link", { name: "Import" }).click();
  const rows = Array.from({ length: 120 }, (_, index) => `user-${index},email`);
  await choose("members.csv", `user,channels\n${rows.join("\n")}\nunknown,email\n`);
  await at.page.getByRole("button", { name: "Import", exact: true }).click();
  await at.page.getByText("120 lines imported").waitFor();
  await at.page
    .getByRole("table", { name: "Invalid lines" })
    .getByRole("row", { name: /^122 user/ })
    .waitFor();
});

it("shows the members page by page", async () => {
  await at.open(`/groups/${encodeURIComponent("news/2027")}?tenant=shop`);
  const members = at.page.getByRole("link", { name: /^user-/ });
  await expect.poll(() => members.count()).toBe(50);
  await at.picture("groups");
  const first = await members.allTextContents();
  await at.page.getByRole("button", { name: "Next page" }).click();
  await expect.poll(async () => (await members.allTextContents()).some((id) => first.includes(id))).toBe(false);
  await at.page.getByRole("button", { name: "Next page" }).click();
  await expect.poll(() => members.count()).toBe(20);
  await members.first().click();
  await at.page.getByRole("link", { name: "news/2027" }).waitFor();
});

it("renames a group, and deletes it once its id was typed", async () => {
  await at.page.getByRole("link", { name: "news/2027" }).click();
  await at.page.getByRole("button", { name: "Rename" }).click();
  await dialog().getByLabel("Name").fill("The news");
  await press("Save");
  await at.page.getByText("The news").waitFor();
  await at.page.getByRole("button", { name: /^Delete/ }).click();
  await dialog().getByLabel("Type news/2027 to confirm").fill("news/2027");
  await press("Delete");
  await at.page.getByText("This tenant has no groups yet").waitFor();
});

it("has no serious fault for screen readers, and fits a phone", async () => {
  await at.call("PUT", "/v1/groups/news?tenant=shop", { name: "News", attributes: { plan: "pro" } });
  await at.call("POST", "/v1/groups/news/members?tenant=shop", { user: "user-1", channels: ["email"] });
  expect(await at.faultsAt(["/groups?tenant=shop", "/groups/news?tenant=shop", "/import-members/news?tenant=shop"])).toEqual([]);
  await at.open("/groups/news?tenant=shop");
  await at.page.getByRole("button", { name: "Add member" }).click();
  await dialog().getByLabel("User ID").waitFor();
  expect(await seriousFaults(at.page)).toEqual([]);
  expect(at.complaints).toEqual([]);
});
