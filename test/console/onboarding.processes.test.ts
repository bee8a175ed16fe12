import { afterAll, beforeAll, expect, it } from "vitest";
import { type OpenedConsole, openConsole } from "./opened-console.js";

const users = 10_000;
const listOf = (lineOf: (id: string) => object): Buffer =>
  Buffer.from(Array.from({ length: users }, (_, index) => JSON.stringify(lineOf(`user-${index}`))).join("\n"));

let at: OpenedConsole;
beforeAll(async () => {
  at = await openConsole();
}, 120_000);
afterAll(async () => at?.close());

const click = (name: string | RegExp) => at.page.getByRole("button", { name, exact: true }).click();
const follow = (name: string) => at.page.getByRole("link", { name, exact: true }).click();
const dialog = () => at.page.getByRole("dialog");
const submit = (name: string) => dialog().getByRole("button", { name, exact: true }).click();
const importList = async (name: string, buffer: Buffer): Promise<void> => {
  await at.page.locator('input[type="file"]').setInputFiles({ name, mimeType: "application/octet-stream", buffer });
  await click("Import");
  await at.page.getByText("10,000 lines imported").waitFor({ timeout: 120_000 });
};

it("takes an operator from a new tenant to a group of 10,000 users, all of it by the page", async () => {
  await at.open("/");
  await follow("Tenants");
  await click("Create tenant");
  await dialog().getByLabel("ID").fill("travel");
  await dialog().getByLabel("Name").fill("The travel agency");
  await submit("Create");
  await click("Create key");
  await dialog().getByLabel("Name").fill("booking service");
  await dialog().getByRole("checkbox", { name: "manage" }).check();
  await submit("Create");
  const key = await dialog().getByLabel("Key", { exact: true }).inputValue();
  await submit("Done");

  await follow("Users");
  await at.page.getByRole("combobox", { name: "Tenant" }).fill("travel");
  await at.page.keyboard.press("Enter");
  await at.page.getByText("This tenant has no users yet").waitFor();
  await follow("Import");
  await importList(
    "users.ndjson",
    listOf((id) => ({ id, addresses: { email: `${id}@example.com` }, locale: "en-US" })),
  );

  await follow("Groups");
  await click("Create group");
  await dialog().getByLabel("ID").fill("travelers");
  await dialog().getByLabel("Name").fill("All travelers");
  await submit("Create");
  await follow("Import");
  await importList(
    "members.ndjson",
    listOf((user) => ({ user })),
  );
  await follow("travelers");
  await at.page.locator("dd", { hasText: "10,000" }).waitFor();

  const headers = { authorization: `Bearer ${key}` };
  const group = await fetch(`${at.carillon.url}/v1/groups/travelers`, { headers });
  expect(await group.json()).toMatchObject({ name: "All travelers", members: users });

  await follow("Audit log");
  await at.page.getByRole("row", { name: /key\.create.*travel.*booking service/ }).waitFor();
  await at.page.getByRole("row", { name: /tenant\.create.*tenant travel/ }).waitFor();
  expect(at.complaints).toEqual([]);
});
