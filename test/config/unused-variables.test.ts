// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the configuration's own notation
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { unusedVariablesOf } from "../../config/unused-variables.js";
import { loadConfig } from "../../service/load-config.js";
import { scratchFolder } from "../support/scratch.js";

const folder = scratchFolder();
afterAll(() => folder.remove());

const unusedOf = (environment: NodeJS.ProcessEnv, content = ""): readonly string[] => {
  const file = join(folder.path, "config.yaml");
  writeFileSync(file, content);
  return unusedVariablesOf(loadConfig({ file, environment }));
};

describe("variables that set nothing", () => {
  it("are named, whatever they were meant for", () => {
    expect(unusedOf({ CARILLON_SMS_PROVIDERS: "twilio", CARILLON_LANES__BULK: "3", CARILLON_PORT: "8090", HOME: "/" })).toEqual([
      "CARILLON_LANES__BULK",
      "CARILLON_SMS_PROVIDERS",
    ]);
  });

  it("are not those that the file refers to, as a secret or within a text", () => {
    const content = [
      "http: { apiKeys: [{ key: '${env:CARILLON_SENDER_KEY}', tenant: shop }] }",
      "tracing: { url: 'http://${env:CARILLON_COLLECTOR}:4318' }",
    ].join("\n");
    const environment = { CARILLON_SENDER_KEY: "a-key-of-more-than-20-characters", CARILLON_COLLECTOR: "localhost" };
    expect(unusedOf(environment, content)).toEqual([]);
    expect(unusedOf(environment)).toEqual(["CARILLON_COLLECTOR", "CARILLON_SENDER_KEY"]);
  });

  it("are neither the links of Kubernetes nor what other parts read", () => {
    const links = {
      CARILLON_SERVICE_HOST: "10.0.0.1",
      CARILLON_SERVICE_PORT: "80",
      CARILLON_SERVICE_PORT_HTTP: "80",
      CARILLON_PORT: "tcp://10.0.0.1:80",
      CARILLON_PORT_80_TCP: "tcp://10.0.0.1:80",
      CARILLON_PORT_80_TCP_PROTO: "tcp",
      CARILLON_PORT_80_TCP_PORT: "80",
      CARILLON_PORT_80_TCP_ADDR: "10.0.0.1",
      CARILLON_REDIS_MASTER_SERVICE_HOST: "10.0.0.2",
      CARILLON_REDIS_MASTER_PORT: "tcp://10.0.0.2:6379",
      CARILLON_REDIS_MASTER_PORT_6379_TCP_ADDR: "10.0.0.2",
    };
    expect(unusedOf({ ...links, CARILLON_DEBUG: "1", CARILLON_TEST_CACHE: "x" })).toEqual([]);
  });

  it("are not those that are set to nothing, as Compose files have them", () => {
    expect(unusedOf({ CARILLON_SMS_PROVIDERS: "" })).toEqual([]);
  });
});
