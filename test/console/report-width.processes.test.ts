import { afterAll, beforeAll, expect, it } from "vitest";
import { type OpenedConsole, openConsole } from "./opened-console.js";

let at: OpenedConsole;
beforeAll(async () => {
  at = await openConsole();
  for (let index = 0; index < 12; index += 1) {
    const content = { subject: "Order", text: "It leaves today." };
    const to = `${index % 4 === 0 ? "bounce" : "success"}+${index}@sandbox.carillon.test`;
    await at.call("POST", "/v1/messages", { channel: "email", to, content, metadata: { region: "IN-KL" } });
  }
}, 120_000);
afterAll(async () => at?.close());

it("shows all columns of a report with two groupings at 1,280 px", async () => {
  const totals = async (): Promise<string | null> => {
    await at.open("/reports?span=-24h%7Cnow&by=channel,provider");
    return at.page.getByRole("row", { name: /^Total/ }).textContent();
  };
  await expect.poll(totals, { timeout: 30_000 }).toContain("12");
  await at.page.getByRole("columnheader", { name: "Cost" }).waitFor();
  const widths =
    "(() => { const { scrollWidth, clientWidth } = document.querySelector('section.scrolls:has(table)'); return [scrollWidth, clientWidth]; })()";
  const [wide = 0, shown = 0] = await at.page.evaluate<number[]>(widths);
  expect(shown).toBeGreaterThan(900);
  expect(wide).toBeLessThanOrEqual(shown);
});
