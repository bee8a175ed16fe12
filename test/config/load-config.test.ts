// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the configuration's own notation
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { documentDefaults, printConfig } from "../../config/print-config.js";
import { configSchema, loadConfig } from "../../service/load-config.js";
import { scratchFolder } from "../support/scratch.js";

const folder = scratchFolder();
afterAll(() => folder.remove());

let files = 0;
const fileWith = (text: string): string => {
  files += 1;
  const path = join(folder.path, `config-${files}.yaml`);
  writeFileSync(path, text);
  return path;
};
const messageOf = (text: string, environment: NodeJS.ProcessEnv = {}): string => {
  try {
    loadConfig({ file: fileWith(text), environment });
  } catch (error) {
    return (error as Error).message;
  }
  return "";
};

describe("loadConfig", () => {
  it("needs nothing: the embedded profile on loopback", () => {
    expect(loadConfig({ environment: {} })).toMatchObject({
      profile: "embedded",
      http: { host: "127.0.0.1", port: 8080 },
      lanes: { critical: { partitions: 2 } },
    });
  });

  it("presets the cluster's lanes, which the file may change", () => {
    const environment = {
      CARILLON_PROFILE: "cluster",
      CARILLON_KAFKA_BROKERS: "a:9092, b:9092",
      CARILLON_REDIS_URL: "redis://r:6379",
      CARILLON_MONGO_URL: "mongodb://m:27017",
      CARILLON_REGISTRY_URL: "http://s:8081",
    };
    const config = loadConfig({ environment, file: fileWith("lanes: { high: { partitions: 20 } }") });
    expect(config.kafka.brokers).toEqual(["a:9092", "b:9092"]);
    expect(config.lanes).toMatchObject({
      critical: { partitions: 12, consumers: 6 },
      high: { partitions: 20, consumers: 4 },
      bulk: { partitions: 3, consumers: 1 },
    });
  });

  it("tells five mistakes at once, each with its key", () => {
    const message = messageOf(`
profile: cluster
colour: red
lanes: { high: { partitions: 0 } }
http: { port: ninety }
kafka: { brokers: [nowhere] }
templates: { otp: { sms: { text: "{{ code" } } }
`);
    expect(message).toContain("the configuration has");
    for (const part of [
      "colour: unknown key",
      "lanes.high.partitions:",
      "http.port:",
      "kafka.brokers.0: is not host:port",
      "redis.url: is required for the cluster profile: set it or CARILLON_REDIS_URL",
      "templates.otp.sms.text:",
    ]) {
      expect(message).toContain(part);
    }
  });

  it("refuses more consumers than partitions, and listening to the world without keys", () => {
    const message = messageOf("lanes: { bulk: { consumers: 3 } }\nhttp: { host: 0.0.0.0 }");
    expect(message).toContain("lanes.bulk.consumers: 3 is more than the number of partitions, 1");
    expect(message).toContain("http.apiKeys: listening on 0.0.0.0 needs at least one key");
  });

  it("refuses half of what a secured connection needs, and two ways to one Redis", () => {
    const message = messageOf(`
kafka: { sasl: { mechanism: oauthbearer, clientId: me }, tls: { caFile: /nowhere } }
redis: { url: redis://one, cluster: [a:1], tls: { enabled: true, caFile: /nowhere, certFile: /nowhere } }
mongo: { password: written-out }
`);
    for (const part of [
      "kafka.sasl.tokenUrl: is required for oauthbearer",
      "kafka.sasl.secret: is required for oauthbearer",
      "kafka.tls.caFile: has no effect while kafka.tls.enabled is off",
      "redis.url and redis.cluster: only one of them can be set",
      "redis.tls.caFile: /nowhere cannot be read",
      "redis.tls: certFile and keyFile must be set together",
      "mongo.password: a secret must not be in the file",
    ]) {
      expect(message).toContain(part);
    }
  });

  it("refuses an aggregation that is no list of stages, before anything runs", () => {
    const message = messageOf(
      `reports: { aggregations: { one: { collections: [messages_sms], pipeline: "[{" } , two: { collections: [messages_sms], pipeline: "{}" } } }`,
    );
    expect(message).toContain("reports.aggregations.one.pipeline: is not JSON");
    expect(message).toContain("reports.aggregations.two.pipeline: is not a list of stages");
  });

  it("takes secrets from the environment or a file, never written out", () => {
    const secretFile = fileWith("from a file\n");
    const path = fileWith(`providers: { smtp: { password: "\${env:SMTP_PASSWORD}" }, kaleyra: { apiKey: "\${file:${secretFile}}" } }`);
    const { providers } = loadConfig({ file: path, environment: { SMTP_PASSWORD: "from the environment" } });
    expect([providers.smtp?.password, providers.kaleyra?.apiKey]).toEqual(["from the environment", "from a file"]);
    expect(messageOf("providers: { smtp: { password: hunter2 } }")).toContain("providers.smtp.password: a secret must not be in the file");
    expect(messageOf('providers: { smtp: { password: "${env:NOT_SET}" } }')).toContain(
      "providers.smtp.password: the variable NOT_SET is not set",
    );
  });

  it("says what is wrong with a file that is missing or no YAML", () => {
    expect(() => loadConfig({ file: "/nowhere/carillon.yaml", environment: {} })).toThrow(
      expect.objectContaining({
        message: expect.stringContaining("cannot be read: /nowhere/carillon.yaml"),
        fix: expect.stringContaining("set --config or CARILLON_CONFIG to a readable file"),
      }),
    );
    expect(messageOf("a: [1")).toContain("is not YAML");
    expect(messageOf("- a list")).toContain("not a map of keys");
  });
});

describe("printConfig", () => {
  it("hides secrets and the passwords within addresses", () => {
    const path = fileWith('providers: { smtp: { password: "${env:SECRET}" } }\nmongo: { url: "mongodb://user:${env:SECRET}@host/db" }');
    const printed = printConfig(loadConfig({ file: path, environment: { SECRET: "hunter2" } }));
    expect(printed).not.toContain("hunter2");
    expect(printed).toContain("mongodb://***@host/db");
  });
});

describe("config/default.yaml", () => {
  const text = readFileSync(new URL("../../config/default.yaml", import.meta.url), "utf8");

  it("is what the schema says (npm run generate)", () => {
    expect(text).toBe(documentDefaults(configSchema));
  });

  it("leaves the name of the process to each process", () => {
    expect(text).toMatch(/^# instance: <host>-<pid>$/m);
    expect(parse(text)).not.toHaveProperty("instance");
  });

  it("changes nothing when it is used", () => {
    expect(configSchema.parse(parse(text))).toEqual(configSchema.parse({}));
  });

  it("documents every key", () => {
    const lines = text.split("\n");
    const undocumented = lines.filter((line, index) => /^ {4,}\w+: \S/.test(line) && !/^\s*#/.test(lines[index - 1] ?? ""));
    expect(undocumented).toEqual([]);
  });

  it("refuses to send again what may have been sent where nothing may be done twice", () => {
    const bulk = { guarantee: "at_most_once", onAmbiguous: "resend" } as const;
    expect(() => loadConfig({ environment: {}, overrides: { lanes: { bulk } } })).toThrow(/lanes\.bulk\.onAmbiguous/);
    expect(
      loadConfig({ environment: {}, overrides: { lanes: { bulk: { guarantee: "at_most_once" } } } }).lanes.bulk.onAmbiguous,
    ).toBeNull();
  });
});

describe("what a library knows better", () => {
  it("names the variable and its value", () => {
    expect(() => loadConfig({ environment: { CARILLON_PORT: "8080 " } })).toThrow(/CARILLON_PORT="8080 " \(http\.port: /);
    expect(() => loadConfig({ environment: { CARILLON_PROFILE: "clusters" } })).toThrow(/CARILLON_PROFILE="clusters" \(profile: /);
  });

  it("refuses cron patterns that never come, with all other mistakes", () => {
    const overrides = {
      reports: { daily: [{ name: "d", to: ["a@b.example"], pattern: "99 99 * * *" }] },
      jobs: { overduePattern: "every hour on the hour", forgetPattern: "0 0 30 2 *", receiptLogPattern: "* * * *" },
      channels: { email: { from: "a@b.example" } },
      lanes: { high: { partitions: 0 } },
    };
    for (const key of [
      "reports.daily.0.pattern",
      "jobs.overduePattern",
      "jobs.forgetPattern",
      "jobs.receiptLogPattern",
      "lanes.high.partitions",
    ]) {
      expect(() => loadConfig({ environment: {}, overrides })).toThrow(new RegExp(`${key.replaceAll(".", "\\.")}: `));
    }
  });
});
