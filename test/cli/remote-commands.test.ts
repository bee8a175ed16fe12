import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { FastifyInstance } from "fastify";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { commandReach } from "../../cli/command-reach.js";
import { leavesOf, wordsOf } from "../../cli/command-tree.js";
import { createProgram } from "../../cli/main.js";
import { createLogger } from "../../operations/telemetry/logger.js";
import { type Carillon, startCarillon } from "../../service/carillon.js";
import { loadConfig } from "../../service/load-config.js";
import { commandLine, type Ended } from "../support/command-line.js";
import { eventually } from "../support/eventually.js";
import { scratchFolder } from "../support/scratch.js";

const folder = scratchFolder();
const dataDir = join(folder.path, "data");
const configFile = join(folder.path, "carillon.yaml");
const keys = { sender: "acme-0123456789abcdef", operator: "operations-0123456789" } as const;
const to = "success+remote@sandbox.carillon.test";
const poison = "not Avro at all";

/** The same file for the server and for commands on its stores. */
const settings = {
  dataDir,
  http: {
    port: 0,
    apiKeys: [
      { tenant: "acme", key: `\${env:SENDER_KEY}` },
      { tenant: "operations", key: `\${env:OPERATOR_KEY}`, role: "operator" },
    ],
  },
  webhooks: { tenants: { hooked: { url: "https://hooks.carillon.test/in", secret: `\${env:HOOK_SECRET}` } } },
  encryption: { keys: { first: { secret: `\${env:STORE_KEY}` } }, active: "first" },
};
const secrets = {
  SENDER_KEY: keys.sender,
  OPERATOR_KEY: keys.operator,
  HOOK_SECRET: `whsec_${Buffer.alloc(32, 7).toString("base64")}`,
  STORE_KEY: Buffer.alloc(32, 5).toString("base64"),
};

const routes = new Map<string, string>();
let carillon: Carillon;
let id: string;

const onServer = (args: readonly string[], key: string | null = keys.operator): Promise<Ended> =>
  commandLine(args, { CARILLON_URL: carillon.url ?? "", ...(key === null ? {} : { CARILLON_API_KEY: key }) });

/** The same command on the stores. */
const onStores = (args: readonly string[]): Promise<Ended> => commandLine(["--config", configFile, ...args], secrets);

beforeAll(async () => {
  mkdirSync(dataDir, { recursive: true });
  writeFileSync(configFile, JSON.stringify(settings));
  const note = (message: unknown): void => {
    const { fastify } = message as { readonly fastify: FastifyInstance };
    fastify.addHook("onRoute", ({ method, url, config }) => {
      for (const one of [method].flat()) routes.set(`${one} ${url}`, config?.access ?? "");
    });
  };
  subscribe("fastify.initialization", note);
  try {
    carillon = await startCarillon({
      config: loadConfig({ environment: secrets, file: configFile }),
      logger: createLogger("silent", "test"),
    });
  } finally {
    unsubscribe("fastify.initialization", note);
  }
  const sent = await onServer(["send", "--channel", "email", "--to", to, "--subject", "Hello", "--text", "Hi", "--tenant", "acme"]);
  id = sent.stdout.trim();
  await carillon.stores.log.append([{ topic: "carillon.requests.bulk", key: "k", value: Buffer.from(poison) }]);
  await eventually(
    async () => (await onServer(["dead-letters", "list", "--json"])).stdout,
    (text) => text.includes("UNDECODABLE"),
  );
  await eventually(
    async () => (await onServer(["status", id, "--json"])).stdout,
    (text) => JSON.parse(text || "{}").final === true,
  );
});
afterAll(async () => {
  await carillon.stop();
  folder.remove();
});

const letterId = "carillon.requests.bulk/0/0";
const day = ["--from", "-300d"];

/** How each command that works anywhere is given here, and what shows that the server did it. */
const examples: Readonly<Record<string, () => readonly [args: readonly string[], shows: RegExp, status?: number]>> = {
  send: () => [["send", "--channel", "sms", "--to", "+14155550100", "--text", "Hi", "--wait"], /delivered/],
  import: () => [["import", writeImport()], /^2 accepted in .*, 1 refused/, 1],
  status: () => [["status", id], /delivered/],
  why: () => [["why", to], new RegExp(`${id}\\s+delivered`)],
  outbox: () => [["outbox", "email"], /Hello/],
  lanes: () => [["lanes"], /carillon\.requests\.bulk/],
  plan: () => [["plan", "--for", "100ms"], /lanes\.critical/],
  topology: () => [["topology"], /Topology delivery/],
  "dead-letters list": () => [["dead-letters", "list"], /UNDECODABLE/],
  "dead-letters show": () => [["dead-letters", "show", letterId, "--json"], new RegExp(Buffer.from(poison).toString("base64"))],
  "dead-letters redrive": () => [["dead-letters", "redrive", letterId, "--rate", "10"], /^1 redriven/],
  "dead-letters discard": () => [["dead-letters", "discard", "--all", "--code", "NONE", "--reason", "a test"], /^0 discarded/],
  "providers list": () => [["providers", "list"], /sandbox/],
  "providers pull": () => [["providers", "pull", "sandbox"], /^$/, 1],
  "reports summary": () => [["reports", "summary", ...day], /resolution day, from/],
  "reports export": () => [["reports", "export", "messages_email", "--out", join(folder.path, "walk.csv")], /^1 rows in/],
  "reports rebuild": () => [["reports", "rebuild"], /^\d+ messages counted/],
  "webhooks list": () => [["webhooks", "list"], /hooks\.carillon\.test/],
  "webhooks enable": () => [
    ["webhooks", "enable", "hooked", "--replay-from", "2026-01-01"],
    /webhook of hooked enabled\n0 events replayed/,
  ],
  erase: () => [["erase", "nobody@sandbox.carillon.test", "--yes", "--json"], /"complete": true/],
  "keys list": () => [["keys", "list"], /first\s+encrypt and decrypt/],
  "keys rewrap": () => [["keys", "rewrap"], /documents re-encrypted with first/],
};

const writeImport = (): string => {
  const file = join(folder.path, "batch.ndjson");
  const good = { channel: "push", to: "device-success", content: { text: "Hi" } };
  writeFileSync(file, [JSON.stringify(good), JSON.stringify({ ...good, channel: "pigeon" }), JSON.stringify(good)].join("\n"));
  return file;
};

const anywhere = Object.entries(commandReach).flatMap(([words, reach]) => (reach.where === "anywhere" ? [[words, reach] as const] : []));

describe("every command", () => {
  it("declares whether it works on a server, and is tried here if it does", async () => {
    const words = leavesOf(await createProgram()).map(wordsOf);
    expect(words.sort()).toEqual(Object.keys(commandReach).sort());
    expect(Object.keys(examples).sort()).toEqual(anywhere.map(([name]) => name).sort());
  });

  it.each(anywhere)("%s declares routes that the server has, for those whom it says", (_words, { access, routes: declared }) => {
    const found = declared.map((route) => routes.get(route));
    expect(declared.filter((_, index) => found[index] === undefined)).toEqual([]);
    if (access === "tenant") expect(new Set(found)).toEqual(new Set(["tenant"]));
    else expect(found).toContain("operator");
  });

  it.each(Object.entries(examples))("%s works on a server", async (_words, exampleOf) => {
    const [args, shows, status = 0] = exampleOf();
    const { stdout, stderr, status: ended } = await onServer(args);
    expect(stdout, stderr).toMatch(shows);
    expect(ended, stderr).toBe(status);
    expect(stdout + stderr).not.toContain(keys.operator);
  });

  it.each(anywhere.filter(([, { access }]) => access === "operator"))("%s reports what the key lacks", async (words) => {
    const [args] = examples[words]?.() ?? [[]];
    const { stderr, status } = await onServer(args, keys.sender);
    expect(stderr).toContain("use a key with the role operator");
    expect(status).toBe(1);
  });

  it.each(Object.entries(commandReach).filter(([, reach]) => reach.where === "here" && !reach.takesUrl))(
    "%s refuses --url, and says why",
    async (words) => {
      const more = words === "backup" || words === "restore" ? [join(folder.path, "file")] : [];
      const { stderr, status } = await commandLine([...words.split(" "), ...more, "--url", carillon.url ?? ""]);
      expect(stderr).toContain(`carillon ${words} runs on the machine of the server alone: `);
      expect(status).toBe(1);
    },
  );
});

describe("a command on a server", () => {
  it("sends as the tenant of its key, and may not send as another", async () => {
    const message = ["send", "--channel", "sms", "--to", "+14155550100", "--text", "Hi"];
    const own = (await onServer(message, keys.sender)).stdout.trim();
    expect(JSON.parse((await onServer(["status", own, "--json"])).stdout)).toMatchObject({ tenant: "acme" });
    const foreign = await onServer([...message, "--tenant", "other"], keys.sender);
    expect(foreign.stderr).toContain("the key belongs to the tenant acme");
    expect(foreign.status).toBe(1);
    const seen = await onServer(["status", own], null);
    expect(seen.stderr).toContain("needs a key");
  });

  it("names each wrong field of a message, with its fix", async () => {
    const { status, stderr } = await onServer(["send", "--channel", "sms", "--to", "nobody", "--lane", "urgent", "--text", ""]);
    expect(status).toBe(1);
    expect(stderr).toContain("the message is invalid:");
    expect(stderr).toContain("to is not a phone number in E.164 form:");
    expect(stderr).toContain("content.text is missing:");
  });

  it("reports an idempotency key that stands for other content", async () => {
    const send = (text: string) =>
      onServer(["send", "--channel", "sms", "--to", "+14155550100", "--idempotency-key", "remote-1", "--text", text]);
    expect((await send("one")).status).toBe(0);
    expect((await send("two")).stderr).toContain("idempotencyKey: was already used with different content");
  });

  it("refuses a filter before it makes a file", async () => {
    const out = join(folder.path, "refused.csv");
    const { stderr, status } = await onServer(["reports", "export", "messages_email", "--filter", '{"$where":"1"}', "--out", out]);
    expect(stderr).toContain("$where");
    expect(status).toBe(1);
    expect(() => readFileSync(`${out}.part`)).toThrow();
  });

  it("says that there is no such message, or dead letter", async () => {
    expect((await onServer(["status", "nothing"])).stderr).toContain("no message has the id nothing");
    expect((await onServer(["dead-letters", "show", "nothing"])).stderr).toContain("no dead letter has the id nothing");
    expect((await onServer(["webhooks", "enable", "nobody"])).stderr).toContain("the tenant nobody has no webhook");
  });

  it("notes that CARILLON_URL is not used where a command is local", async () => {
    const { stdout, stderr } = await onServer(["config", "print", "--defaults"]);
    expect(stderr).toContain("CARILLON_URL is not used");
    expect(stdout).toContain("# delay after");
  });
});

/** Given on the server first, then on its stores once it has stopped. */
const compared: readonly (readonly [words: string, args: () => readonly string[]])[] = [
  ["status", () => ["status", id, "--json"]],
  ["status in text", () => ["status", id]],
  ["why", () => ["why", to, "--json"]],
  ["outbox", () => ["outbox", "email", "--json"]],
  ["topology", () => ["topology", "--format", "json"]],
  ["dead-letters list", () => ["dead-letters", "list", "--all", "--json"]],
  ["dead-letters show", () => ["dead-letters", "show", letterId, "--json"]],
  ["reports summary", () => ["reports", "summary", ...day, "--by", "channel", "--channel", "email", "--json"]],
  ["keys list", () => ["keys", "list"]],
  ["webhooks list", () => ["webhooks", "list"]],
];
const formats = ["csv", "ndjson", "parquet"];

describe("on the server as on its stores", () => {
  const remote = new Map<string, Ended>();
  const exportOf = (where: string, format: string): readonly string[] => {
    const file = join(folder.path, `${where}.${format}`);
    return ["reports", "export", "messages_email", "--format", format, "--filter", `{"_id":"${id}"}`, "--out", file];
  };
  beforeAll(async () => {
    for (const [words, args] of compared) remote.set(words, await onServer(args()));
    for (const format of formats) remote.set(format, await onServer(exportOf("remote", format)));
    await carillon.stop();
  });

  it.each(compared)("%s prints the same", async (words, args) => {
    const local = await onStores(args());
    expect(remote.get(words)?.stderr).toBe("");
    expect(remote.get(words)?.stdout).toBe(local.stdout);
    expect(local.stdout.length).toBeGreaterThan(2);
  });

  it.each(formats)("an export as %s is the same file", async (format) => {
    expect((await onStores(exportOf("local", format))).stdout).toContain("1 rows in");
    expect(remote.get(format)?.stdout).toContain("1 rows in");
    expect(readFileSync(join(folder.path, `remote.${format}`)).equals(readFileSync(join(folder.path, `local.${format}`)))).toBe(true);
  });

  it("reports at once that nothing runs on the data folder", async () => {
    const message = ["send", "--channel", "sms", "--to", "+14155550100", "--text", "Hi"];
    const waited = await onStores([...message, "--wait"]);
    expect(waited.stderr).toContain(`no Carillon process runs on ${dataDir}`);
    expect(waited.status).toBe(1);
    const sent = await onStores(message);
    expect(sent.stderr).toContain("the message is delivered once one starts");
    expect(sent.status).toBe(0);
  });
});
