import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Delivery, type DeliveryOptions, nameOf, startDelivery } from "../end-to-end/harness.js";
import { openBrowser } from "../support/browser.js";
import { orderOf, otpOf } from "./console-messages.js";
import { seriousFaults } from "./serious-faults.js";

const images = fileURLToPath(new URL("../../docs/images", import.meta.url));
const views = ["/", "/messages", "/providers", "/dead-letters", "/reports?by=channel", "/send", "/outbox", "/api"];
const patienceMs = 12_000;

/** The console in a real browser. With `screenshots`, the run also takes the documentation's pictures. */
export const describeConsole = (options: DeliveryOptions & { readonly screenshots?: boolean }): void => {
  describe(`console, ${nameOf(options)}`, () => {
    let delivery: Delivery;
    let browser: Browser;
    let page: Page;
    const complaints: string[] = [];

    const open = async (path: string): Promise<void> => {
      await page.goto("about:blank"); // navigating to the same URL again would change nothing
      await page.goto(`${delivery.urls[0]}/#${path}`);
      await page.getByRole("heading", { level: 1 }).waitFor({ timeout: patienceMs });
    };
    const picture = async (name: string): Promise<void> => {
      if (!options.screenshots || process.env.CARILLON_SCREENSHOTS !== "1") return;
      mkdirSync(images, { recursive: true });
      await page.screenshot({ path: join(images, `console-${name}.png`) });
    };

    beforeAll(async () => {
      browser = await openBrowser();
      delivery = await startDelivery({
        ...options,
        config: { ...options.config, templates: { otp: { sms: { text: "{{ code }} is your code" } } } },
      });
      const context = await browser.newContext({ viewport: { width: 1280, height: 860 } });
      context.setDefaultTimeout(patienceMs);
      page = await context.newPage();
      page.on("pageerror", ({ message }) => complaints.push(message));
      page.on("console", (message) => {
        // expected: the browser blocks a letter's script, and the service refuses a mistake
        if (message.type() === "error" && !/about:srcdoc|status of 400/.test(message.text())) complaints.push(message.text());
      });
      const sent = await Promise.all(
        Array.from({ length: 60 }, (_, index) => delivery.send(index % 3 === 0 ? otpOf(index) : orderOf(index))),
      );
      await Promise.all(sent.map((id) => delivery.final(id)));
    }, 180_000);
    afterAll(async () => {
      await browser?.close();
      await delivery?.stop();
    }, 60_000);

    it("weighs less than 300 kB", async () => {
      const files = ["page.js", "page.css", "icon.svg"];
      const sizes = await Promise.all(
        files.map(async (name) => {
          const response = await fetch(`${delivery.urls[0]}/console/${name}`, { headers: { "accept-encoding": "gzip" } });
          expect(response.status).toBe(200);
          expect(response.headers.get("content-encoding")).toBe("gzip");
          return Number(response.headers.get("content-length"));
        }),
      );
      expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(300_000);
    });

    it("shows the live topology, lanes and the day", async () => {
      await open("/");
      await page.getByText("Live", { exact: true }).waitFor({ timeout: patienceMs });
      await page.getByRole("img", { name: /^Topology/ }).waitFor();
      const tile = page.getByText("Accepted, 24 h").locator("..");
      await expect.poll(async () => tile.textContent(), { timeout: patienceMs }).toMatch(/[6-9]\d/);
      const latency = page.getByText(/^p95 latency \d/);
      expect((await latency.boundingBox())?.height, "on one line").toBeLessThan(30);
      const critical = page.getByRole("row", { name: /^critical/ });
      await expect.poll(async () => critical.textContent(), { timeout: patienceMs }).toContain("critical");
      if (process.env.CARILLON_SCREENSHOTS === "1") {
        for (let wave = 0; wave < 12; wave += 1) {
          await Promise.all(Array.from({ length: 15 }, (_, index) => delivery.send(index % 3 === 0 ? otpOf(index) : orderOf(index))));
          await page.waitForTimeout(300);
        }
      }
      await picture("overview");
    });

    it("shows providers with their breakers", async () => {
      await open("/providers");
      const email = page.getByRole("article", { name: "sandbox, email" });
      await email.getByText("Closed", { exact: true }).waitFor({ timeout: patienceMs });
      await picture("providers");
    });

    it("sends a message, and follows it to its end", async () => {
      await open("/send");
      await page.getByRole("textbox", { name: "To" }).fill("flaky@sandbox.carillon.test");
      await page.getByRole("textbox", { name: "Text" }).fill("Hello from the console");
      await page.getByRole("button", { name: "Send" }).click();
      await page.getByRole("link", { name: /^View message/ }).click();
      const why = page.getByTestId("why");
      await why.waitFor({ timeout: patienceMs });
      await expect.poll(async () => why.textContent(), { timeout: patienceMs }).toMatch(/^delivered at .*after 3 attempts/);
      await page.getByText("dispatch: temporary failure, attempt 1").waitFor();
      await page.getByText("dispatch: dispatched, attempt 3").waitFor();
      await page.getByText("Provider request and response").first().click();
      const exchange = page.locator("pre").first();
      expect(await exchange.textContent()).toContain("f***@sandbox.carillon.test");
      expect(await exchange.textContent()).not.toContain("Hello from the console");
      await picture("message");
    });

    it("tells a sender's mistakes by field", async () => {
      await open("/send");
      await page.getByRole("textbox", { name: "To" }).fill("nobody");
      await page.getByRole("button", { name: "Send" }).click();
      await page.getByText(/to is not an email address/).waitFor();
    });

    it("finds messages by recipient and by status", async () => {
      await open("/messages");
      await page.getByLabel("Recipient or ID").fill("flaky@sandbox.carillon.test");
      await page.getByRole("button", { name: "Search" }).click();
      await expect.poll(() => page.locator("tbody tr").count(), { timeout: patienceMs }).toBe(1);
      await open("/messages?status=failed");
      await expect
        .poll(async () => page.locator("tbody tr").first().textContent(), { timeout: patienceMs })
        .toMatch(/refuses this recipient/);
      await picture("messages");
    });

    it("redrives a dead letter", async () => {
      const topic = `${delivery.config.topics.prefix}.requests.bulk`;
      await delivery.stores.log.append([{ topic, key: "poison", value: Buffer.from("not Avro at all") }]);
      await open("/dead-letters");
      await page.getByText("UNDECODABLE").first().waitFor({ timeout: patienceMs });
      await page.getByText("Original record").first().click();
      await page.getByText("not Avro at all").first().waitFor();
      await picture("dead-letters");
      await page
        .getByLabel(/^Select .*dead-letters|^Select (?!all)/)
        .first()
        .check();
      await page.getByRole("button", { name: /^Retry/ }).click();
      await page.getByText("1 retried").waitFor({ timeout: patienceMs });
      await page.getByText("Retried", { exact: true }).first().click();
      await expect.poll(() => page.locator("tbody tr").count(), { timeout: patienceMs }).toBe(1);
    });

    it("discards one for a reason", async () => {
      await open("/dead-letters");
      await page.getByLabel("Select all pending").check();
      await page.getByRole("button", { name: /^Discard/ }).click();
      await page.getByRole("textbox", { name: "Reason" }).fill("it was never Avro");
      await page.getByRole("button", { name: "Discard", exact: true }).click();
      await page.getByText(/\d+ discarded/).waitFor({ timeout: patienceMs });
    });

    it("builds a chart: one-time passwords by region, and how fast they were", async () => {
      await open("/reports?span=today%7Cnow&by=region,provider");
      await page.getByLabel("Value", { exact: true }).fill("otp");
      await page.getByRole("button", { name: "Add filter" }).click();
      const kerala = page.getByRole("row", { name: /^IN-KL/ });
      await kerala.waitFor({ timeout: patienceMs });
      expect(await kerala.textContent()).toMatch(/sandbox/);
      await page.getByRole("list", { name: "Messages by region and provider" }).waitFor();
      await picture("reports");
      await open("/reports?span=-24h%7Cnow&by=hour");
      await page.getByRole("img", { name: /^Messages by hour/ }).waitFor({ timeout: patienceMs });
    });

    it("renders what the sandbox delivered as its receiver would see it, and runs nothing of it", async () => {
      await open("/outbox");
      const letter = page.frameLocator('iframe[title^="Email to success+"]').first();
      await letter.getByRole("heading").waitFor({ timeout: patienceMs });
      expect(await page.title()).toContain("Sandbox outbox");
    });

    it("shows the reference of the API, from the server's own description", async () => {
      await open("/api");
      await page.getByLabel("Filter operations").fill("sendMessage");
      await page.getByText("Send a message", { exact: true }).click();
      const parameters = page.getByRole("table", { name: "Parameters of sendMessage" });
      await parameters.getByText("Idempotency-Key").waitFor({ timeout: patienceMs });
      await page.getByRole("table", { name: "Body of sendMessage, MessageInput" }).waitFor();
      const toUser = page.getByRole("table", { name: "Body of sendMessage, UserMessageInput" });
      await toUser.getByText("recipient.user", { exact: true }).waitFor();
      expect(await page.getByText("listQueues").count()).toBe(0);
    });

    it.each(["light", "dark"] as const)("has no serious fault for screen readers, in %s colours", async (scheme) => {
      await page.emulateMedia({ colorScheme: scheme, reducedMotion: "reduce" });
      const faults: string[] = [];
      for (const view of views) {
        await open(view);
        await page.waitForTimeout(700);
        faults.push(...(await seriousFaults(page)).map((fault) => `${view}: ${fault}`));
      }
      await page.emulateMedia({ colorScheme: null, reducedMotion: null });
      expect(faults).toEqual([]);
    });

    it("fits a phone, and is used by keyboard", async () => {
      await page.setViewportSize({ width: 390, height: 844 });
      for (const view of views) {
        await open(view);
        await page.waitForTimeout(300);
        const [wide, narrow] = await page.evaluate<[number, number]>("[document.documentElement.scrollWidth, window.innerWidth]");
        expect(wide, view).toBeLessThanOrEqual(narrow + 1);
      }
      await open("/");
      await picture("phone");
      await page.setViewportSize({ width: 1280, height: 860 });
      await open("/");
      await page.keyboard.press("Tab");
      await page.keyboard.press("Enter");
      expect(await page.evaluate("document.activeElement?.id")).toBe("main");
    });

    it("made the browser complain of nothing", () => {
      expect(complaints).toEqual([]);
    });
  });
};
