import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { checkConfigKeys } from "./planted.js";

const reference = readFileSync(fileURLToPath(new URL("../../docs/reference.md", import.meta.url)), "utf8");
const check = (page: string) => checkConfigKeys({ "docs/reference.md": reference, "docs/page.md": page });
const sample = (yaml: string): string => `# Page\n\n\`\`\`yaml\n${yaml}\`\`\`\n`;

describe("the lint of configuration keys in documentation", () => {
  it.each([
    ["a text", "# Page\n\nSet `delivery.nonsenseMs`.\n", "docs/page.md:3: delivery.nonsenseMs"],
    ["a text with a value", "# Page\n\n`delivery.nonsenseMs: 5`\n", "docs/page.md:3: delivery.nonsenseMs"],
    ["a text with a placeholder", "`channels.<name>.retry.nonsense`\n", "docs/page.md:1: channels.<name>.retry.nonsense"],
    ["a channel that does not exist", "`channels.fax.retry`\n", "docs/page.md:1: channels.fax.retry"],
    ["a key of another provider", "`providers.smtp.enquireEveryMs`\n", "docs/page.md:1: providers.smtp.enquireEveryMs"],
    ["a sample", sample("delivery:\n  sendTimeoutMs: 1\n  nonsenseMs: 5\n"), "docs/page.md:6: delivery.nonsenseMs"],
    ["a sample in flow style", sample("kafka: { nonsense: 1 }\n"), "docs/page.md:4: kafka.nonsense"],
    ["a sample's top level", sample("http: { port: 1 }\nhttps: { port: 1 }\n"), "docs/page.md:5: https"],
    ["a provider in a sample", sample("providers:\n  mine: { type: http, nonsense: 1 }\n"), "docs/page.md:5: providers.mine.nonsense"],
  ])("refuses an unknown key in %s, with its place", async (_, page, place) => {
    const { failed, output } = await check(page);
    expect(failed).toBe(true);
    expect(output).toContain(`${place} is no configuration key`);
  });

  it("refuses a sample that is no YAML", async () => {
    expect((await check(sample("http: { port: 1\n"))).output).toContain("docs/page.md:4: invalid YAML");
  });

  it("takes keys that exist, names that users choose, and samples of other programs", async () => {
    const pages = [
      "`delivery.sendTimeoutMs: 5`, `channels.*.retry.baseMs`, `http.apiKeys[].tenant`, `webhooks.tenants.shop.url`, `runtime.ts`\n",
      "`providers.<name>.limits.perSecond`, `providers.mine.limits.perSecond`, `providers.smpp.window`\n",
      sample("webhooks:\n  tenants:\n    shop: { url: x, anything: y }\n"),
      sample("apiVersion: v1\nhttp: { nonsense: 1 }\n"),
      sample("groups: []\n"),
    ];
    for (const page of pages) expect(await check(page)).toEqual({ failed: false, output: "" });
  });
});
