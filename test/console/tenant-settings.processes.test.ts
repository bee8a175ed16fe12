import { afterAll, beforeAll, expect, it } from "vitest";
import { type OpenedConsole, openConsole } from "./opened-console.js";
import { seriousFaults } from "./serious-faults.js";

const operatorKey = "operations-0123456789";

let at: OpenedConsole;
let managerKey = "";
let watcherKey = "";

const operate = async (method: string, path: string, body?: unknown): Promise<Record<string, unknown>> => {
  const headers = { authorization: `Bearer ${operatorKey}`, ...(body === undefined ? {} : { "content-type": "application/json" }) };
  const response = await fetch(`${at.carillon.url}${path}`, {
    method,
    headers,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  expect(response.ok, `${method} ${path}: ${response.status}`).toBe(true);
  return (await response.json()) as Record<string, unknown>;
};

beforeAll(async () => {
  at = await openConsole({ apiKeys: [{ tenant: "operations", key: operatorKey, role: "operator" }] });
  await operate("POST", "/v1/tenants", { id: "shop", name: "The shop" });
  const keyOf = async (tenant: string, scopes: readonly string[]): Promise<string> =>
    String((await operate("POST", `/v1/tenants/${tenant}/keys`, { scopes })).key);
  managerKey = await keyOf("shop", ["read", "manage"]);
  watcherKey = await keyOf("operations", ["read", "operate"]);
}, 120_000);
afterAll(async () => at?.close());

const signIn = async (key: string): Promise<void> => {
  await at.page.context().clearCookies();
  await at.open("/");
  await at.page.getByLabel("API key").fill(key);
  await at.page.keyboard.press("Enter");
  await at.page.getByRole("navigation").waitFor();
};
const form = () => at.page.getByRole("form", { name: "Settings" });
const field = (name: string) => form().getByLabel(name, { exact: true });
const save = () => form().getByRole("button", { name: "Save", exact: true });
const settings = () => operate("GET", "/v1/tenants/shop/settings");
const textIn = (name: string) => expect.poll(() => field(name).inputValue());

it("shows settings without a value as unset, and has nothing to save", async () => {
  await signIn(operatorKey);
  await at.open("/tenants/shop");
  await form().waitFor();
  for (const name of ["Locale", "Time zone", "Messages a day", "Requests a second", "Senders for email", "Senders for sms"]) {
    expect(await field(name).inputValue(), name).toBe("");
    expect(await field(name).getAttribute("placeholder"), name).toBe("Unset");
  }
  expect(await save().isDisabled()).toBe(true);
});

it("shows each mistake next to its field, and saves nothing", async () => {
  await field("Time zone").fill("Mars/Olympus");
  await field("Messages a day").fill("100,000");
  await field("Senders for email").fill("@shop.example");
  await field("Locale").fill("pt_br");
  await field("Locale").press("Enter");
  for (const name of ["Time zone", "Messages a day", "Senders for email"])
    await expect.poll(() => field(name).getAttribute("aria-invalid")).toBe("true");
  await form()
    .getByText(/begins with an entry that is not a single sender/)
    .waitFor();
  await form()
    .getByText(/give a name of the IANA database such as Europe\/Paris/)
    .waitFor();
  for (const colorScheme of ["dark", "light"] as const) {
    await at.page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    expect(await seriousFaults(at.page), colorScheme).toEqual([]);
  }
  expect(await settings()).toMatchObject({ locale: null, timeZone: null });
});

it("saves the changed settings alone, as Carillon normalizes them", async () => {
  await operate("PATCH", "/v1/tenants/shop/settings", { rates: { messagesPerSecond: 7 } });
  await field("Time zone").fill("europe/par");
  await at.page.getByRole("option", { name: "Europe/Paris" }).click();
  await field("Messages a day").fill("1000");
  await field("Senders for email").fill("news@shop.example\n\n@shop.example");
  await save().click();
  await form()
    .getByText(/^Saved/)
    .waitFor();
  await textIn("Locale").toBe("pt-BR");
  await textIn("Messages a second").toBe("7");
  expect(await save().isDisabled()).toBe(true);
  expect(await settings()).toMatchObject({
    ...{ locale: "pt-BR", timeZone: "Europe/Paris", quotas: { messagesPerDay: 1_000 }, rates: { messagesPerSecond: 7 } },
    senders: { email: ["news@shop.example", "@shop.example"] },
  });
  await at.picture("settings");
});

it("resets a setting whose text was removed, and discards changes", async () => {
  await field("Locale").fill("");
  await field("Messages a day").fill("5");
  await form().getByRole("button", { name: "Discard changes" }).click();
  await textIn("Locale").toBe("pt-BR");
  await textIn("Messages a day").toBe("1000");
  await field("Locale").fill("");
  await save().click();
  await form()
    .getByText(/^Saved/)
    .waitFor();
  expect(await settings()).toMatchObject({ locale: null, quotas: { messagesPerDay: 1_000 } });
});

it("lets a tenant lower its limits, and shows that only an operator can raise them", async () => {
  await signIn(managerKey);
  await at.open("/tenants/shop");
  await at.page.getByText("Only an operator can raise or reset limits").waitFor();
  await field("Messages a day").fill("2000");
  await save().click();
  const refusal = "only a key with the scope operate can raise limits and add senders: quotas.messagesPerDay";
  await form().getByRole("alert").getByText(refusal).waitFor();
  await field("Messages a day").fill("500");
  await save().click();
  await form()
    .getByText(/^Saved/)
    .waitFor();
  expect(await form().getByRole("alert").count()).toBe(0);
  expect(await settings()).toMatchObject({ quotas: { messagesPerDay: 500 } });
});

it("lists the providers and routes of a tenant's own", async () => {
  await at.page.getByText("This tenant has no providers of its own.").waitFor();
  await at.page.getByText("Its messages use the routes of the configuration.").waitFor();
  await operate("PUT", "/v1/tenants/shop/providers/mail", { type: "smtp", options: { host: "mail.shop.example" } });
  await operate("PUT", "/v1/tenants/shop/routes/email", { providers: ["mail"] });
  await at.open("/tenants/shop");
  const provider = at.page.getByRole("table", { name: "Providers of its own" }).getByRole("row", { name: /^mail/ });
  await expect.poll(() => provider.textContent()).toMatch(/^mailsmtpemail/);
  await at.page.getByRole("table", { name: "Routes of its own" }).getByRole("row", { name: "email mail" }).waitFor();
});

it("shows the settings without a form to an operator whose key lacks manage", async () => {
  await signIn(watcherKey);
  await at.open("/tenants/shop");
  await at.page.getByRole("heading", { level: 2, name: "Settings" }).waitFor();
  await at.page.getByText("Europe/Paris").waitFor();
  await at.page.getByText("news@shop.example, @shop.example").waitFor();
  expect(await form().count()).toBe(0);
  expect(await at.page.getByRole("heading", { level: 2, name: "Providers and routes" }).count()).toBe(0);
});

it("has no serious fault for screen readers, and fits a phone", async () => {
  await signIn(managerKey);
  expect(await at.faultsAt(["/tenants/shop"])).toEqual([]);
  expect(at.complaints).toEqual([]);
});
