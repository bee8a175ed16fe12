// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the configuration's own notation
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { inWords } from "../../channels/in-words.js";
import { channels } from "../../schemas/vocabulary.js";
import { loadConfig } from "../../service/load-config.js";
import { scratchFolder } from "../support/scratch.js";

const folder = scratchFolder();
afterAll(() => folder.remove());

let files = 0;
const fileWith = (content: string | Buffer): string => {
  files += 1;
  const path = join(folder.path, `config-${files}.yaml`);
  writeFileSync(path, content);
  return path;
};

const problemsOf = (content: string | Buffer, environment: NodeJS.ProcessEnv = {}): string[] => {
  try {
    loadConfig({ file: fileWith(content), environment });
  } catch (error) {
    return (error as Error).message.split("\n").map((line) => line.trim());
  }
  return [];
};

const cluster = {
  CARILLON_PROFILE: "cluster",
  CARILLON_KAFKA_BROKERS: "a:9092",
  CARILLON_REDIS_URL: "redis://r:6379",
  CARILLON_MONGO_URL: "mongodb://m:27017",
  CARILLON_REGISTRY_URL: "http://s:8081",
};

describe("a configuration file", () => {
  it.each([
    ["an anchor within itself", "http: &a\n  port: 1\n  x: *a\n", "is not YAML: http.x is an alias of its own parent"],
    ["several documents", "---\nhttp: {}\n---\nhttp: {}\n", "is not YAML: it has several documents"],
    ["an unknown tag", "profile: !what embedded\n", "is not YAML: a tag cannot be resolved at line 1"],
    ["bytes of Latin-1", Buffer.from("instance: caf\xe9\n", "latin1"), "has bytes that are not UTF-8: save it as UTF-8"],
    ["UTF-16", Buffer.from("\ufeffhttp: {}\n", "utf16le"), "is UTF-16: save it as UTF-8"],
    ["a merge key", "http:\n  <<: {port: 1}\n", "http.<<: unknown key: YAML 1.2 has no merge keys"],
    ["a name of every object", "constructor: 1\n", "constructor: unknown key"],
    ["a prototype", '"__proto__": {http: {port: 1}}\n', "__proto__: unknown key"],
    ["a word for a boolean", "http: {enabled: no}\n", 'http.enabled: is "no", but must be true or false'],
    ["a quoted number", 'http: {port: "8080"}\n', 'http.port: is "8080", but must be a number: write it without quotes'],
    ["a template without parts", "templates: {t: {sms: {}}}\n", "templates.t.sms: is empty: give text"],
    ["a template with an empty part", "templates: {t: {sms: {text: ''}}}\n", "templates.t.sms: is empty: give text"],
    ["a template for no channel", "templates: {t: {}}\n", `templates.t: is empty: give ${inWords(channels)}`],
    [
      "a number for a text",
      "templates: {t: {email: {subject: 5}}}\n",
      "templates.t.email.subject: is 5, but must be a string: put it in quotes",
    ],
    ["a section of comments alone", "http:\n# port: 1\n", "http: is empty: set a value, or remove the key"],
    ["a text for a list", "channels: {sms: {providers: sandbox}}\n", 'channels.sms.providers: is "sandbox", but must be a list'],
    ["half a thread", "runtime: {threads: 1.5}\n", "runtime.threads: must be auto, or a whole number from 1 to "],
    ["a word for threads", "runtime: {threads: many}\n", "runtime.threads: must be auto, or a whole number from 1 to "],
    ["another choice", "log: {level: loud}\n", 'log.level: is "loud", but must be one of debug, info, warn, error'],
    ["too small a number", "limits: {contentBytes: -1}\n", "limits.contentBytes: is less than 1"],
    ["an address as a range", 'webhooks: {allowAddresses: ["10.0.0.1"]}\n', "webhooks.allowAddresses.0: is not an address range"],
    ["a name as a proxy", "http: {trustedProxies: [localhost]}\n", "http.trustedProxies.0: is not an address such as"],
    ["a prefix with a blank", 'topics: {prefix: "a b"}\n', 'topics.prefix: is "a b", but must be of the form /^'],
    [
      "a name of a template with a blank",
      'templates: {"a b": {text: hi}}\n',
      "templates.a b: is not a valid name: it must be of the form /^",
    ],
    [
      "a name of an aggregation with a blank",
      'reports: {aggregations: {"a b": {pipeline: []}}}\n',
      "reports.aggregations.a b: is not a valid name",
    ],
    ["an address without scheme", 'tracing: {url: "collector:4318"}\n', "tracing.url: is not a URL such as"],
  ])("with %s is refused by key and fix", (_name, content, expected) => {
    expect(problemsOf(content).join("\n")).toContain(expected);
  });

  it("reports one problem a key, and none that follows from another", () => {
    expect(problemsOf("http: {port: 12345678901234567890}")).toHaveLength(2);
    const problems = problemsOf("profile: cluster\nkafka: {brokers: [nowhere]}", { ...cluster, CARILLON_KAFKA_BROKERS: undefined });
    expect(problems.slice(1)).toEqual(["kafka.brokers.0: is not host:port"]);
  });

  it("reports problems between keys along with a key whose neighbours need it", () => {
    const problems = problemsOf("reports: {aggregations: {x: {collections: [nowhere], pipeline: '[]'}}}\nlanes: {bulk: {consumers: 3}}");
    expect(problems.join("\n")).toContain("reports.aggregations.x.collections.0:");
    expect(problems.join("\n")).toContain("lanes.bulk.consumers: 3 is more than the number of partitions, 1");
  });
});

describe("a reference", () => {
  it("brings numbers and booleans", () => {
    const file = fileWith(
      'http: {port: "${env:PORT}", enabled: "${env:ON}"}\nlanes: {bulk: {partitions: "${env:COUNT}"}}\ninstance: "${env:COUNT}"',
    );
    expect(loadConfig({ file, environment: { PORT: "9000", ON: "false", COUNT: "3" } })).toMatchObject({
      http: { port: 9_000, enabled: false },
      lanes: { bulk: { partitions: 3 } },
      instance: "3",
    });
  });

  it("to what is no file, in another notation, or without an end is reported with all other problems", () => {
    mkdirSync(join(folder.path, "inner"));
    const problems = problemsOf(
      `instance: "\${file:${join(folder.path, "inner")}}"\ndataDir: \${HOME}/data\naws: {region: "\${env:X"}\nhttp: {port: x}`,
    );
    expect(problems.slice(1).map((problem) => problem.split(": ")[0])).toEqual(["instance", "dataDir", "aws.region", "http.port"]);
    expect(problems.join("\n")).toContain("${HOME} is not a reference: write ${env:NAME} or ${file:PATH}");
    expect(problems.join("\n")).toContain("cannot be read: EISDIR");
  });

  it("is content in a template", () => {
    expect(problemsOf('templates: {t: {sms: {text: "You pay ${{ amount }} or ${x}"}}}')).toEqual([]);
  });
});

describe("an environment variable", () => {
  it.each([
    [{ CARILLON_DATA_DIR: " " }, 'CARILLON_DATA_DIR=" " (dataDir: is blank: unset the variable, or set a value)'],
    [{ CARILLON_QUEUES: "," }, 'CARILLON_QUEUES="," (runtime.queues: is blank'],
    [{ CARILLON_DATADIR: "/x" }, "CARILLON_DATADIR: unknown variable: use CARILLON_DATA_DIR"],
    [{ CARILLON_HTTP_PORT: "1" }, "CARILLON_HTTP_PORT: unknown variable: use CARILLON_PORT"],
    [{ carillon_port: "1" }, "carillon_port: unknown variable: use CARILLON_PORT"],
    [
      { CARILLON_PORT: "tcp://10.0.0.1:8080" },
      'CARILLON_PORT="tcp://10.0.0.1:8080" (http.port: is "tcp://10.0.0.1:8080", but must be a number)',
    ],
    [{ CARILLON_QUEUES: "nope" }, 'CARILLON_QUEUES="nope" (runtime.queues: no queue matches "nope"'],
    [{ CARILLON_QUEUES: "none,intake/*" }, 'CARILLON_QUEUES="none,intake/*" (runtime.queues: no queue matches "none"'],
    [{ CARILLON_HOST: "0.0.0.0" }, 'set http.host to 127.0.0.1 (CARILLON_HOST="0.0.0.0" sets http.host)'],
    [{ CARILLON_HOST: "127.evil.example" }, "http.apiKeys: listening on 127.evil.example needs at least one key"],
    [{ CARILLON_HOST: "http://127.0.0.1" }, "http.host: is not a host name or IP address"],
    [{ CARILLON_INSTANCE: "a\nb" }, "(instance: "],
    [{ ...cluster, CARILLON_REDIS_CLUSTER: "a:1" }, 'CARILLON_REDIS_CLUSTER="a:1" sets redis.cluster'],
    [{ ...cluster, CARILLON_KAFKA_BROKERS: "a:99999" }, "(kafka.brokers.0: has the port 99999, which is not between 1 and 65535)"],
    [{ ...cluster, CARILLON_REDIS_URL: "r:6379" }, "(redis.url: is not a URL such as redis://host:6379)"],
    [{ ...cluster, CARILLON_REDIS_URL: "redis://r/abc" }, "(redis.url: has a database that is not a number such as /0)"],
    [{ ...cluster, CARILLON_MONGO_URL: "mongodb://h:x" }, "(mongo.url: has a port that is not between 1 and 65535)"],
    [{ ...cluster, CARILLON_MONGO_URL: "mongodb://u:50%zz@h" }, "(mongo.url: has credentials with a % that is not percent-encoded"],
    [{ ...cluster, CARILLON_MONGO_URL: "mongodb://a,,b/?replicaSet=rs" }, "(mongo.url: names a server that is not host or host:port)"],
    [{ ...cluster, CARILLON_MONGO_URL: "mongodb+srv://a:27017/" }, "(mongo.url: names a port, which mongodb+srv:// takes from DNS)"],
  ])("%o is reported by its name, key and fix", (environment, expected) => {
    expect(problemsOf("", environment as NodeJS.ProcessEnv).join("\n")).toContain(expected);
  });

  it("that Kubernetes sets for a Service named carillon is not the port", () => {
    const environment = { CARILLON_PORT: "tcp://10.0.0.1:8080", CARILLON_SERVICE_HOST: "10.0.0.1", CARILLON_PORT_8080_TCP_PORT: "8080" };
    expect(loadConfig({ environment }).http.port).toBe(8_080);
  });

  it.each([
    "mongodb://u:p%40w@a:1,b:2/db?replicaSet=rs",
    "mongodb+srv://u:p@c.example.net/db?w=majority",
    "mongodb://[::1]:27017",
    "mongodb://h/?tls=true",
  ])("%s leads to MongoDB", (url) => {
    expect(problemsOf("", { ...cluster, CARILLON_MONGO_URL: url })).toEqual([]);
  });
});

describe("what only a library would notice later", () => {
  it("is reported at start: keys, certificates, accounts, ports, names", () => {
    const notPem = fileWith("line one\nline two\n");
    const problems = problemsOf(
      `
profile: cluster
channels: {email: {providers: [smtp], from: a@example.com}, sms: {providers: [smpp]}}
providers:
  smtp: {host: "mail.example:25", username: me}
  post: {type: smtp, dkim: {domain: example.com, selector: s, privateKey: "\${env:KEY}"}}
  smpp: {url: "smpp://h:99999", systemId: a, password: "\${env:KEY}"}
kafka: {tls: {enabled: true, caFile: ${notPem}, certFile: ${notPem}, keyFile: ${notPem}}}
registry: {tls: {enabled: true, caFile: ${folder.path}}}
reports: {daily: [{name: a, to: [a@example.com]}, {name: a, to: [b@example.com]}]}
`,
      { ...cluster, KEY: "line one\nline two" },
    ).join("\n");
    for (const part of [
      "providers.smtp.host: is not a host name or IP address",
      "providers.post.dkim.privateKey: is not a private key in PEM",
      "providers.smpp.url: is not an address: its port is none of 1 to 65535",
      `kafka.tls.caFile: ${notPem} is not a certificate in PEM`,
      `kafka.tls.certFile: ${notPem} is not a certificate in PEM`,
      `kafka.tls.keyFile: ${notPem} is not a private key in PEM`,
      `registry.tls.caFile: ${folder.path} cannot be read`,
      "reports.daily.1.name: another report has the name a",
    ])
      expect(problems).toContain(part);
    expect(
      problemsOf("channels: {email: {providers: [smtp], from: a@example.com}}\nproviders: {smtp: {username: me}}").join("\n"),
    ).toContain("providers.smtp.password: is missing: give username and password together, or neither");
  });
});
