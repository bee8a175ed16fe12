import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type OpenedConsole, openConsole } from "./opened-console.js";

let at: OpenedConsole;
let today = "";

interface Counted {
  readonly items: readonly { readonly day: string; readonly messages: number; readonly delivered: number }[];
}
const send = (tenant: string, channel: string, to: string) =>
  at.call("POST", "/v1/messages", {
    tenant,
    channel,
    to,
    content: channel === "email" ? { subject: "Hello", text: "Hello" } : { text: "Hello" },
  });
const delivered = async (): Promise<number> => {
  const { items } = (await at.call("GET", "/v1/usage")) as Counted;
  return items.reduce((sum, row) => sum + row.delivered, 0);
};

beforeAll(async () => {
  at = await openConsole();
  await at.call("POST", "/v1/tenants", { id: "shop" });
}, 120_000);
afterAll(async () => at?.close());

const table = () => at.page.getByRole("table", { name: "Usage by day" });
const total = () => table().getByRole("row", { name: /^Total/ });
/** The cells of the total: channels, messages, delivered, not delivered, attempts and cost. */
const totals = async (): Promise<string[]> => total().getByRole("cell").allTextContents();

it("shows that there are no messages", async () => {
  await at.open("/usage");
  await at.page.getByText("No messages were accepted on these days.").waitFor();
});

it("shows the messages of all tenants by day and channel, and a chart", async () => {
  for (let index = 0; index < 3; index += 1) await send("shop", "email", `success+${index}@sandbox.carillon.test`);
  await send("local", "sms", "+15005550001");
  await expect.poll(delivered, { timeout: 30_000 }).toBe(4);
  today = ((await at.call("GET", "/v1/usage")) as Counted).items[0]?.day ?? "";
  await at.open("/usage");
  await at.page.getByRole("img", { name: /^Messages by day and channel/ }).waitFor();
  expect((await totals()).slice(0, 5)).toEqual(["3", "1", "4", "4", "0"]);
  expect(await table().getByRole("row").count()).toBe(3);
  await at.page.getByRole("list", { name: "Messages by tenant" }).getByText("shop").waitFor();
  expect(await at.page.getByLabel("To", { exact: true }).inputValue()).toBe(today);
});

it("shows the days that were chosen, the last one included, and keeps them for another tenant", async () => {
  await at.page.getByLabel("From", { exact: true }).fill(today);
  await at.page.getByLabel("To", { exact: true }).fill(today);
  await at.page.getByRole("button", { name: "Show days" }).click();
  await expect.poll(() => new URL(at.page.url()).hash).toContain(`from=${today}&to=${today}`);
  expect((await totals())[2]).toBe("4");
  await at.page.getByRole("combobox", { name: "Tenant" }).fill("shop");
  await at.page.getByRole("button", { name: "Show", exact: true }).click();
  await expect.poll(async () => (await totals())[1]).toBe("3");
  expect(new URL(at.page.url()).hash).toContain(`from=${today}`);
  expect(await at.page.getByRole("list", { name: "Messages by tenant" }).count()).toBe(0);
});

it("downloads the same counts as CSV", async () => {
  const [download] = await Promise.all([at.page.waitForEvent("download"), at.page.getByRole("link", { name: "Export CSV" }).click()]);
  expect(download.suggestedFilename()).toBe("carillon-usage.csv");
  const lines = readFileSync(await download.path(), "utf8")
    .trim()
    .split(/\r?\n/);
  expect(lines).toHaveLength(2);
  expect(lines[1]).toMatch(new RegExp(`^"?${today}"?,"?shop"?,"?email"?,3,`));
});

it("shows why a time range is refused", async () => {
  await at.open("/usage?from=2026-11-02&to=2026-11-01");
  await at.page.getByText(/from is not before to/).waitFor();
  await at.open("/usage?from=2026-13-01&to=never");
  await at.page
    .getByText(/is not a time/)
    .first()
    .waitFor();
});

it("has no serious fault for screen readers, and fits a phone", async () => {
  expect(await at.faultsAt(["/usage", "/usage?tenant=shop", "/usage?tenant=nobody"])).toEqual([]);
  expect(at.complaints).toEqual([]);
});
