import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "playwright-core";

/** Accessibility faults that keep people from using the page. */
export const seriousFaults = async (page: Page): Promise<string[]> => {
  // a letter is the sender's content: its faults are not the console's
  const { violations } = await new AxeBuilder({ page }).exclude("iframe").analyze();
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, help, nodes }) => `${id}: ${help} (${nodes.map(({ target }) => target.join(" ")).join("; ")})`);
};
