import { describe, expect, it } from "vitest";
import { configJsonSchema } from "../../config/print-config.js";
import { configurationTables, type JsonSchema } from "../../docs/configuration-tables.js";
import { configSchema } from "../../service/load-config.js";

const schema: JsonSchema = configJsonSchema(configSchema);
const { keys, retry, shared, providers } = configurationTables(schema);

const keysIn = (table: string): string[] => [...table.matchAll(/^\| `([^`]+)` \|/gm)].map(([, key = ""]) => key);

const leavesOf = ({ properties = {} }: JsonSchema, path = ""): string[] =>
  Object.entries(properties).flatMap(([name, inner]) => {
    const key = path ? `${path}.${name}` : name;
    return inner.properties ? leavesOf(inner, key) : [key];
  });

describe("the tables of configuration keys", () => {
  const printed = [keys, shared, ...providers.map((provider) => provider.keys)].flatMap(keysIn);

  it("hold every key, once: its own row, the row of all providers, or the row of its retry policy", () => {
    const missing = leavesOf(schema).filter((key) => {
      const ofEvery = key.replace(/^providers\.\w+\./, "providers.<name>.");
      const ofPolicy = (one: string): string => one.replace(/\.\w+$/, ".*");
      return ![key, ofEvery, ofPolicy(key), ofPolicy(ofEvery)].some((one) => printed.includes(one));
    });
    expect(missing).toEqual([]);
    expect(new Set(printed).size).toBe(printed.length);
  });

  it("hold the keys of values that are null, and of entries of lists and maps", () => {
    const inner = ["smtp.dkim.selector", "http.auth.username", "http.receipt.states.<name>.event"].map((key) => `providers.${key}`);
    const ofEvery = ["callback.hmac.header", "prices[].amount"].map((key) => `providers.<name>.${key}`);
    const others = ["webhooks.tenants.<name>.kinds", "channels.email.allowSenders[].from", "templates.<name>.sms.text"];
    expect(printed).toEqual(expect.arrayContaining([...inner, ...ofEvery, ...others]));
    expect(shared).toContain("| `providers.<name>.prices[].amount` | required |");
    expect(shared).toContain('| `providers.<name>.callback.hmac.algorithm` | `"sha256"` |');
    expect(keys).toContain("| `instance` | `<host>-<pid>` |");
  });

  it("state the meaning of every key", () => {
    const rows = [keys, retry, shared, ...providers.map((provider) => provider.keys)].flatMap((table) => table.split("\n"));
    expect(rows.filter((row) => /\|\s*\|$/.test(row))).toEqual([]);
  });

  it("print the keys of a retry policy and those of every provider once", () => {
    expect(keysIn(retry)).toContain("maxAttempts");
    expect(printed.filter((key) => key.endsWith(".limits.perSecond"))).toEqual(["providers.<name>.limits.perSecond"]);
    expect(printed).toContain("providers.<name>.retryBy.throttled.*");
    expect(printed).toContain("channels.email.retry.maxAttempts");
    expect(providers.find(({ type }) => type === "smtp")?.keys).toContain("`providers.smtp.connections`");
  });
});
