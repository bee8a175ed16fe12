import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { providerTests } from "../../../docs/provider-tests.js";
import { providersPart } from "../../../docs/providers-page.js";
import { providerDefinitions } from "../../../sinks/providers/registry.js";
import { createProvider } from "../../support/providers.js";

const others = providerDefinitions.filter(({ type }) => type !== "sandbox");

/** The minimal configuration with which a type can be used. */
const minimal: Readonly<Record<string, Parameters<typeof createProvider>[2]>> = {
  kaleyra: { sid: "s", apiKey: "k" },
  twilio: { accountSid: "s", authToken: "t" },
  http: { url: "http://127.0.0.1:1/", status: { url: "http://127.0.0.1:1/{{ id }}" } },
  smpp: { systemId: "s", password: "p" },
};

describe("docs/providers.md", () => {
  it("is what sources and tests say (npm run generate)", () => {
    const page = readFileSync(fileURLToPath(new URL("../../../docs/providers.md", import.meta.url)), "utf8");
    expect(page.endsWith(providersPart())).toBe(true);
  });
});

describe.each(others)("$type", (definition) => {
  const { type, channels, states, callbacks, missing } = definition;
  const dutiesTested = new Set(
    providerTests()
      .filter(({ provider }) => provider === type)
      .map(({ duty }) => duty),
  );

  it("has a test for each thing that it does", async () => {
    const [channel = "email"] = channels;
    const provider = await createProvider(type, channel, minimal[type]);
    const does = [
      "send",
      "errors",
      ...(states || callbacks ? ["receipt"] : []),
      ...(provider.pull ? ["pull"] : []),
      ...(provider.sendRate ? ["limit"] : []),
    ];
    await provider.close();
    expect([...dutiesTested]).toEqual(expect.arrayContaining(does));
  });

  it("names the source of each of its codes", () => {
    for (const table of definition.errors) expect(table.source.length).toBeGreaterThan(5);
    expect(definition.errors.length).toBeGreaterThan(0);
  });

  it("says by key what it lacks", () => {
    for (const message of missing?.(minimalOptions(type)) ?? []) expect(message).toMatch(/^\w+: /);
  });
});

const minimalOptions = (type: string) => {
  const definition = providerDefinitions.find((one) => one.type === type);
  return definition?.options.parse({}) ?? {};
};
