import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { z } from "zod";
import { printConfig } from "../../config/print-config.js";
import { isSecretPath, maskOf } from "../../config/secrets.js";
import { createLogger } from "../../operations/telemetry/logger.js";
import { configSchema, loadConfig } from "../../service/load-config.js";
import { scratchFolder } from "../support/scratch.js";

const webhookSecret = `whsec_${Buffer.from("a secret of 32 bytes for a test!").toString("base64")}`;

interface Json {
  readonly secret?: boolean;
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, Json>>;
  readonly properties?: Readonly<Record<string, Json>>;
  readonly additionalProperties?: Json | boolean;
  readonly items?: Json;
  readonly anyOf?: readonly Json[];
  readonly oneOf?: readonly Json[];
  readonly allOf?: readonly Json[];
}

const env = (name: string): string => `\${env:${name}}`;

/** The paths of all keys that the schema marks as secret, with `x` for names and 0 for list positions. */
const secretKeys = (root: Json): string[] => {
  const found = new Set<string>();
  const innerOf = (schema: Json, path: string): (readonly [Json, string])[] => {
    const under = (key: string): string => (path === "" ? key : `${path}.${key}`);
    const named = root.$defs?.[schema.$ref?.split("/").at(-1) ?? ""];
    const same = [named, ...(schema.anyOf ?? []), ...(schema.oneOf ?? []), ...(schema.allOf ?? [])].flatMap((one) => one ?? []);
    const { additionalProperties: more, items, properties = {} } = schema;
    return [
      ...same.map((one) => [one, path] as const),
      ...Object.entries(properties).map(([key, one]) => [one, under(key)] as const),
      ...(typeof more === "object" ? [[more, under("x")] as const] : []),
      ...(items ? [[items, under("0")] as const] : []),
    ];
  };
  const visit = (schema: Json, path: string, depth: number): void => {
    if (schema.secret) found.add(path);
    if (depth < 20) for (const [inner, at] of innerOf(schema, path)) visit(inner, at, depth + 1);
  };
  visit(root, "", 0);
  return [...found];
};

describe("secrets of the configuration", () => {
  const folder = scratchFolder();
  afterAll(() => folder.remove());
  const load = (config: object, environment: Readonly<Record<string, string>> = {}) => {
    const file = join(folder.path, "carillon.yaml");
    writeFileSync(file, stringify(config));
    return loadConfig({ file, environment });
  };

  it.each([
    ["CARILLON_REDIS_URL", "redis://user:s3cretpw/abc#x@host:6379"],
    ["CARILLON_REDIS_URL", "redis://user:pw@s3cretpw@host:63x79"],
    ["CARILLON_REDIS_URL", "s3cretpw"],
    ["CARILLON_MONGO_URL", "mongo://user:s3cretpw@host"],
    ["CARILLON_MONGO_URL", "host?password=s3cretpw"],
    ["CARILLON_REGISTRY_URL", "user:s3cretpw@host:8081"],
    ["CARILLON_REGISTRY_URL", "http//user:s3cretpw@host"],
    ["CARILLON_TRACING_URL", "https:user:s3cretpw@host"],
    ["CARILLON_AWS_ENDPOINT", "AKIA:s3cretpw@host"],
    ["CARILLON_KAFKA_BROKERS", "user:s3cretpw@host:9092"],
    ["CARILLON_REDIS_SENTINELS", "user:s3cretpw@host"],
    ["CARILLON_REDIS_CLUSTER", "user:s3cretpw@host"],
  ])("names %s=%s without what may be an account", (name, value) => {
    const refused = (): unknown => loadConfig({ environment: { [name]: value } });
    expect(refused).toThrow(new RegExp(`${name}\\b`));
    expect(refused).not.toThrow(/s3cretpw/);
  });

  it("still quotes an address that has no account", () => {
    expect(() => loadConfig({ environment: { CARILLON_KAFKA_BROKERS: "broker:" } })).toThrow(/CARILLON_KAFKA_BROKERS="broker:"/);
  });

  it.each([
    ["key: s3cretpw\n bad: [", /at line 1, column \d+/],
    ["password: *s3cretpw", /an alias has no anchor/],
    ["password: !s3cretpw x", /a tag cannot be resolved at line 1/],
    ['password: "a" s3cretpw', /at line 1/],
    ['password: "s3cretpw', /at line 1/],
    ["password: @s3cretpw", /at line 1/],
  ])("quotes no line of a file that is not YAML: %s", (text, place) => {
    const file = join(folder.path, "broken.yaml");
    writeFileSync(file, text);
    const refused = (): unknown => loadConfig({ file, environment: {} });
    expect(refused).toThrow(place);
    expect(refused).not.toThrow(/s3cretpw/);
  });

  it("prints no part of a password that holds an @", () => {
    const printed = printConfig(loadConfig({ environment: { CARILLON_MONGO_URL: "mongodb://user:half1@half2@host:27017" } }));
    expect(printed).toContain("mongodb://***@host:27017");
    expect(printed).not.toMatch(/half[12]/);
  });

  it("are all keys that the schema marks so", () => {
    const keys = secretKeys(z.toJSONSchema(configSchema, { io: "input" }) as Json);
    expect(keys).toEqual(
      expect.arrayContaining([
        "http.apiKeys.0.key",
        "webhooks.tenants.x.secret",
        "webhooks.tenants.x.secret.0",
        "tracing.headers.x",
        "kafka.sasl.password",
      ]),
    );
    expect(keys.length).toBeGreaterThan(20);
    expect(keys.filter((key) => !isSecretPath(key))).toEqual([]);
  });

  const gateway = {
    providers: {
      gw: {
        type: "http",
        url: "https://acc:url-p%40ssword@sms.test/send?api=query-value-1&format=json&to={{ to }}&key=k3y-value",
        fields: { pwd: "literal-pwd", sender: "carillon-sender", token: env("FIELD"), text: "{{ text }}" },
        status: { url: "https://sms.test/status?sig=status-value&id={{ id }}" },
        auth: { kind: "basic", username: "me", password: env("BASIC") },
      },
    },
    mongo: { url: "mongodb://root:mongo-password@a:1,b:2/x?replicaSet=rs-with-long-name&tlsCertificateKeyFilePassword=file-password" },
    redis: { url: "redis://:redis-password@localhost:6379" },
    tracing: { url: "https://token-alone@traces.test/v1/traces", headers: { "x-key": env("TRACE") } },
    webhooks: { tenants: { acme: { url: "https://acme.test/in?token=hook-token", secret: [env("HOOK")] } } },
  };
  const environment = {
    FIELD: "field-from-env",
    BASIC: "basic-password",
    TRACE: "trace-header",
    HOOK: webhookSecret,
    AWS_SECRET_ACCESS_KEY: "aws-secret-key",
    AWS_SESSION_TOKEN: "aws-session-token",
    HTTPS_PROXY: "http://user:proxy-password@proxy.test:3128",
  };
  const secrets = [
    "url-p@ssword",
    "url-p%40ssword",
    "query-value-1",
    "k3y-value",
    "literal-pwd",
    "field-from-env",
    "status-value",
    "basic-password",
    "mongo-password",
    "file-password",
    "redis-password",
    "token-alone",
    "trace-header",
    "hook-token",
    webhookSecret,
    "aws-secret-key",
    "aws-session-token",
    "proxy-password",
    Buffer.from("me:basic-password").toString("base64"),
    Buffer.from("user:proxy-password").toString("base64"),
  ];
  const ordinary = [
    "carillon-sender",
    "replicaSet=rs-with-long-name",
    "format=json",
    "sms.test",
    "acme.test",
    "traces.test",
    "root",
    "proxy.test",
  ];

  it("are masked by value, those within addresses, fields and the environment too", () => {
    const mask = maskOf(load(gateway, environment));
    for (const secret of secrets) expect(mask(`<${secret}>`), secret).toBe("<***>");
    for (const text of ordinary) expect(mask(`<${text}>`)).toBe(`<${text}>`);
  });

  it("are not printed", () => {
    const printed = printConfig(load(gateway, environment));
    for (const secret of secrets) expect(printed, secret).not.toContain(secret);
    for (const text of ["sms.test", "replicaSet=rs-with-long-name", "carillon-sender", "{{ to }}"]) expect(printed).toContain(text);
  });

  it("are not logged, whichever field they are in", () => {
    const lines: string[] = [];
    const config = load(gateway, environment);
    const logger = createLogger("debug", "test", (line) => {
      const masked = maskOf(config)(line);
      lines.push(masked);
      return "";
    });
    logger.warn({ err: `bad ${environment.BASIC}`, deep: { list: [environment.FIELD] } }, `at ${environment.HTTPS_PROXY}`);
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0] ?? "")).toMatchObject({ err: "bad ***", deep: { list: ["***"] }, msg: "at http://***@proxy.test:3128" });
  });

  it("are not quoted where the configuration is refused", () => {
    const refused = (): unknown => load({ ...gateway, instance: "", registry: { url: "no address with field-from-env" } }, environment);
    expect(refused).toThrow(/registry\.url/);
    expect(refused).not.toThrow(/field-from-env/);
  });

  it("have at least four characters", () => {
    expect(() => load({ providers: { smpp: { password: env("SHORT") } } }, { SHORT: "abc" })).toThrow(
      /providers\.smpp\.password: has fewer than 4 characters/,
    );
    expect(() => load({ providers: { smpp: { password: env("SHORT") } } }, { SHORT: "abcd" })).not.toThrow();
  });
});
