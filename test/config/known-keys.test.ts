import { describe, expect, it } from "vitest";
import { z } from "zod";
import { knownKeysOf } from "../../config/known-keys.js";
import { loadConfig } from "../../service/load-config.js";

const problemsOf = (overrides: Record<string, unknown>): string => {
  try {
    loadConfig({ environment: {}, overrides });
    return "";
  } catch (error) {
    return String(error);
  }
};

describe("an unknown key of the configuration", () => {
  it.each([
    ["a typing mistake", { prfile: "cluster" }, "prfile: unknown key: did you mean profile?"],
    ["another case", { HTTP: {} }, "HTTP: unknown key: did you mean http?"],
    ["other separators", { "data-dir": "x" }, "data-dir: unknown key: did you mean dataDir?"],
    ["a mistake under a name of the operator's", { lanes: { high: { partition: 2 } } }, "did you mean lanes.high.partitions?"],
    ["a mistake in an entry of a list", { http: { apiKeys: [{ keys: "x" }] } }, "did you mean http.apiKeys.0.key?"],
    ["a key that belongs elsewhere", { brokers: ["a:1"] }, "brokers: unknown key: did you mean kafka.brokers?"],
  ])("leads to the known one: %s", (_, overrides, expected) => {
    expect(problemsOf(overrides)).toContain(expected);
  });

  it.each([
    ["nothing like it", { colour: "red" }, "colour: unknown key\n"],
    ["a key that several maps have", { consumers: 1 }, "consumers: unknown key\n"],
    ["a key of every object", { constructor: 1 }, "constructor: unknown key\n"],
    ["a key of a million letters", { ["a".repeat(1_000_000)]: 1 }, "a: unknown key\n"],
  ])("is not guessed: %s", (_, overrides, expected) => {
    expect(`${problemsOf(overrides)}\n`).toContain(expected);
  });

  it("is not guessed between two keys that are as close", () => {
    const keys = knownKeysOf(z.strictObject({ minMs: z.number(), maxMs: z.number() }));
    expect(keys.closestTo(["mixMs"])).toBeUndefined();
    expect(keys.closestTo(["maxMS"])).toBe("maxMs");
  });
});
