import { afterAll, beforeAll, expect, it } from "vitest";
import { type OpenedConsole, openConsole } from "./opened-console.js";

const operatorKey = "operations-0123456789";
const senderKey = "shop-0123456789-abcdef";

let at: OpenedConsole;
let managerKey = "";
beforeAll(async () => {
  const apiKeys = [
    { tenant: "operations", key: operatorKey, role: "operator" },
    { tenant: "shop", key: senderKey },
  ];
  at = await openConsole({ apiKeys });
  const body = JSON.stringify({ scopes: ["read", "manage"], name: "back office" });
  const headers = { authorization: `Bearer ${operatorKey}`, "content-type": "application/json" };
  const created = await fetch(`${at.carillon.url}/v1/tenants/shop/keys`, { method: "POST", headers, body });
  managerKey = ((await created.json()) as { key: string }).key;
}, 120_000);
afterAll(async () => at?.close());

const signIn = async (key: string): Promise<void> => {
  await at.page.context().clearCookies();
  await at.open("/");
  await at.page.getByLabel("API key").fill(key);
  await at.page.keyboard.press("Enter");
  await at.page.getByRole("navigation").waitFor();
};
const places = (): Promise<string[]> => at.page.getByRole("navigation").getByRole("link").allTextContents();
const dialog = () => at.page.getByRole("dialog");

it("shows a sender the pages that its key may read, without the buttons that change users", async () => {
  await signIn(senderKey);
  expect(await places()).toEqual(["Messages", "Reports", "Usage", "Send", "Sandbox outbox", "Users", "Groups", "API"]);
  await at.page.getByRole("heading", { level: 1, name: "Messages" }).waitFor();
  await at.open("/users");
  await at.page.getByText("This tenant has no users yet").waitFor();
  expect(await at.page.getByRole("button", { name: "Create user" }).count()).toBe(0);
  expect(await at.page.getByRole("combobox", { name: "Tenant" }).count()).toBe(0);
});

it("shows a manager its own tenant's keys and audit log, and grants no scope that the key lacks", async () => {
  await signIn(managerKey);
  expect(await places()).toEqual(["Messages", "Reports", "Usage", "Sandbox outbox", "Tenant", "Users", "Groups", "Audit log", "API"]);
  await at.page.getByRole("link", { name: "Tenant", exact: true }).click();
  await at.page.getByRole("heading", { level: 1, name: "shop" }).waitFor();
  expect(await at.page.getByRole("button", { name: "Rename" }).count()).toBe(0);
  await at.page.getByRole("button", { name: "Create key" }).click();
  expect(await dialog().getByRole("checkbox", { name: "operate" }).isDisabled()).toBe(true);
  expect(await dialog().getByRole("checkbox", { name: "send" }).isDisabled()).toBe(true);
  await dialog().getByRole("button", { name: "Create", exact: true }).click();
  await dialog().getByLabel("Key", { exact: true }).waitFor();
  await dialog().getByRole("button", { name: "Done" }).click();
  await at.page.getByRole("link", { name: "Audit log" }).click();
  await at.page.getByRole("row", { name: /session:shop.*key\.create/ }).waitFor();
});

it("shows why another tenant's users stay hidden", async () => {
  await at.open("/users?tenant=operations");
  await at.page.getByText("the key of this session lacks the scope operate, which other tenants require").waitFor();
});

it("shows the first page that a session may open instead of another one", async () => {
  await at.open("/dead-letters");
  await at.page.getByRole("heading", { level: 1, name: "Messages" }).waitFor();
});

it("has no serious fault for screen readers, and fits a phone", async () => {
  expect(await at.faultsAt(["/tenants/shop", "/users"])).toEqual([]);
  expect(at.complaints).toEqual([]);
});

it("shows an operator every page", async () => {
  await signIn(operatorKey);
  expect(await places()).toContain("Overview");
  expect(await places()).toContain("Dead letters");
  await at.page.getByText("Live", { exact: true }).waitFor();
});
