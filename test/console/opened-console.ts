import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Browser, Page } from "playwright-core";
import { expect } from "vitest";
import { createLogger } from "../../operations/telemetry/logger.js";
import { type Carillon, startCarillon } from "../../service/carillon.js";
import { loadConfig } from "../../service/load-config.js";
import { openBrowser } from "../support/browser.js";
import { scratchFolder } from "../support/scratch.js";
import { seriousFaults } from "./serious-faults.js";

const images = fileURLToPath(new URL("../../docs/images", import.meta.url));
const patienceMs = 12_000;
const desktop = { width: 1280, height: 860 };
const phone = { width: 390, height: 844 };

/** The console of an embedded Carillon, in a real browser. */
export interface OpenedConsole {
  readonly carillon: Carillon;
  readonly page: Page;
  /** What the browser reported as errors. Answers of 4xx to the test's own mistakes are expected. */
  readonly complaints: readonly string[];
  /** Opens a place, and waits for its heading. */
  open(path: string): Promise<void>;
  /** Sends a request with a JSON body as the page would, and expects success. */
  call(method: string, path: string, body?: unknown): Promise<unknown>;
  /** Takes a picture for the documentation if `CARILLON_SCREENSHOTS` is 1. */
  picture(name: string): Promise<void>;
  /** Accessibility faults in both color schemes, and pages wider than a phone, at the given places. */
  faultsAt(places: readonly string[]): Promise<readonly string[]>;
  close(): Promise<void>;
}

interface ConsoleOptions {
  readonly apiKeys?: readonly { readonly tenant: string; readonly key: string; readonly role?: string }[];
  /** Further settings of `http`. */
  readonly http?: object;
}

export const openConsole = async ({ apiKeys = [], http = {} }: ConsoleOptions = {}): Promise<OpenedConsole> => {
  const folder = scratchFolder();
  const config = loadConfig({ environment: {}, overrides: { dataDir: folder.path, http: { port: 0, apiKeys, ...http } } });
  const carillon = await startCarillon({ config, logger: createLogger("error", "test") });
  const browser: Browser = await openBrowser();
  const context = await browser.newContext({ viewport: desktop, acceptDownloads: true });
  context.setDefaultTimeout(patienceMs);
  await context.grantPermissions(["clipboard-read", "clipboard-write"], { origin: carillon.url });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on("pageerror", ({ message }) => complaints.push(message));
  page.on("console", (message) => {
    if (message.type() === "error" && !/status of 4\d\d/.test(message.text())) complaints.push(message.text());
  });

  const open = async (path: string): Promise<void> => {
    await page.goto("about:blank"); // navigating to the same URL again would change nothing
    await page.goto(`${carillon.url}/#${path}`);
    await page.getByRole("heading", { level: 1 }).waitFor();
    await page.getByLabel("Loading").first().waitFor({ state: "detached" });
  };
  const axeAt = async (place: string, scheme: "light" | "dark"): Promise<string[]> => {
    await page.emulateMedia({ colorScheme: scheme, reducedMotion: "reduce" });
    await open(place);
    return (await seriousFaults(page)).map((fault) => `${place}, ${scheme}: ${fault}`);
  };
  const widthAt = async (place: string): Promise<string[]> => {
    await page.setViewportSize(phone);
    await open(place);
    const [wide, narrow] = await page.evaluate<[number, number]>("[document.documentElement.scrollWidth, window.innerWidth]");
    await page.setViewportSize(desktop);
    return wide > narrow + 1 ? [`${place} is ${wide} px wide`] : [];
  };
  return {
    carillon,
    page,
    complaints,
    open,
    call: async (method, path, body) => {
      const json = body === undefined ? {} : { headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
      const response = await fetch(`${carillon.url}${path}`, { method, ...json });
      expect(response.ok, `${method} ${path}: ${response.status}`).toBe(true);
      return response.status === 204 ? undefined : response.json();
    },
    picture: async (name) => {
      if (process.env.CARILLON_SCREENSHOTS !== "1") return;
      mkdirSync(images, { recursive: true });
      await page.screenshot({ path: join(images, `console-${name}.png`) });
    },
    faultsAt: async (places) => {
      const faults: string[] = [];
      for (const place of places) faults.push(...(await axeAt(place, "light")), ...(await axeAt(place, "dark")), ...(await widthAt(place)));
      await page.emulateMedia({ colorScheme: null, reducedMotion: null });
      return faults;
    },
    close: async () => {
      await browser.close();
      await carillon.stop();
      folder.remove();
    },
  };
};
