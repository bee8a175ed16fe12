import { generateKeyPairSync } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { commandReach } from "../../cli/command-reach.js";
import { leavesOf, wordsOf } from "../../cli/command-tree.js";
import { createProgram } from "../../cli/main.js";
import { commandLine } from "../support/command-line.js";
import {
  deliveredTo,
  letterId,
  poison,
  type Remote,
  serverKeys,
  spareProviders,
  spareRoutes,
  spareTenants,
  startRemote,
} from "../support/remote.js";

let remote: Remote;
const spares: string[] = [...spareTenants];
const providerNames: string[] = [...spareProviders];
const routeChannels: string[] = [...spareRoutes];
beforeAll(async () => {
  remote = await startRemote();
});
afterAll(() => remote.stop());

const spareTokenKeys = ["tk-second", "tk-third"];

const spareUsers = ["spare-1", "spare-2"];
const spareGroups = ["spare-1", "spare-2"];

const day = ["--from", "-300d"];

/** Commands without --json: the server, and two whose output has a form of its own. */
const withoutJson: readonly string[] = ["start", "topology", "config print", "users export"];

/** How each command that works anywhere is given here, and what shows that the server did it. */
const examples: Readonly<Record<string, () => readonly [args: readonly string[], shows: RegExp, status?: number]>> = {
  send: () => [["send", "--channel", "sms", "--to", "+14155550100", "--text", "Hi", "--wait"], /delivered/],
  import: () => [["import", writeImport()], /^2 accepted in .*, 1 refused/, 1],
  status: () => [["status", remote.id], /delivered/],
  why: () => [["why", deliveredTo], new RegExp(`${remote.id}\\s+delivered`)],
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
  "reports usage": () => [["reports", "usage", ...day, "--tenant", "acme"], /acme\s+email\s+1 /],
  "reports summary": () => [["reports", "summary", ...day], /resolution day, from/],
  "reports export": () => [["reports", "export", "messages_email", "--out", join(remote.folder, "walk.csv")], /^1 row in/],
  "reports rebuild": () => [["reports", "rebuild"], /^\d+ messages? counted/],
  "webhooks list": () => [["webhooks", "list"], /hooks\.carillon\.test/],
  "webhooks enable": () => [
    ["webhooks", "enable", "hooked", "--replay-from", "2026-01-01"],
    /webhook of hooked enabled\n0 events replayed/,
  ],
  "tenants list": () => [["tenants", "list"], /acme\s+acme\s+active/],
  "tenants create": () => [["tenants", "create", `new-${Date.now()}`], /^tenant new-\d+ created/],
  "tenants change": () => [["tenants", "change", "acme", "--name", "Acme"], /acme\s+Acme\s+active/],
  "tenants delete": () => [["tenants", "delete", spares.pop() ?? ""], /^tenant spare-\d+ deleted/],
  "tenants settings": () => [["tenants", "settings", "acme"], /quotas\.messagesPerDay\s+/],
  "tenants set": () => [
    [
      "tenants",
      "set",
      "acme",
      "--messages-per-day",
      "5",
      "--reset",
      "senders",
      "--sender",
      "sms=+14155550100",
      "--sender",
      "sms=+14155550101",
    ],
    /quotas\.messagesPerDay\s+5\n(.*\n)+senders\.sms\s+\+14155550100, \+14155550101/,
  ],
  "tenants keys": () => [["tenants", "keys", "acme"], /^k-first\s+k-first\s+send\s+live/m],
  "tenants create-key": () => [["tenants", "create-key", "acme", "--scopes", "send, read", "--test"], /^carillon_test_\w{49}$/m],
  "tenants rotate-key": () => [["tenants", "rotate-key", "acme", "k-first"], /^carillon_live_\w{49}$/m],
  "tenants revoke-key": () => [["tenants", "revoke-key", "acme", "k-second"], /^key k-second revoked/],
  "tenants providers": () => [["tenants", "providers", "acme"], /^spare1\s+smtp\s+email/m],
  "tenants set-provider": () => [["tenants", "set-provider", "acme", "mail", writeProvider()], /^mail\s+smtp\s+email\s+password/m],
  "tenants remove-provider": () => [["tenants", "remove-provider", "acme", providerNames.pop() ?? ""], /^provider spare\d removed/],
  "tenants routes": () => [["tenants", "routes", "acme"], /^sms\s+sandbox/m],
  "tenants set-route": () => [["tenants", "set-route", "acme", "email", "sandbox, mail"], /^email\s+sandbox, mail/m],
  "tenants remove-route": () => [["tenants", "remove-route", "acme", routeChannels.pop() ?? ""], /^route of (sms|push) removed/],
  "tenants token-keys": () => [["tenants", "token-keys", "acme"], /^tk-first\s+ES256\s+https:\/\/keys\.carillon\.test/m],
  "tenants add-token-key": () => [
    ["tenants", "add-token-key", "acme", "--alg", "ES256", "--public-key", writePublicKey()],
    /^token key tk-[-0-9a-f]{36} registered/,
  ],
  "tenants remove-token-key": () => [["tenants", "remove-token-key", "acme", spareTokenKeys.pop() ?? ""], /^token key tk-\w+ removed/],
  "tenants audit": () => [["tenants", "audit", "--tenant", "acme"], /key:operations:config\.1\s+key\.create/],
  "users list": () => [["users", "list", "--limit", "1"], /^anna?\s+email:ann@example\.com/m],
  "users show": () => [["users", "show", "ann"], /ann\s+email:ann@example\.com/],
  "users put": () => [["users", "put", "ben", "--sms", "+14155550100", "--locale", "en-US"], /ben\s+sms:\+14155550100\s+en-US/],
  "users delete": () => [["users", "delete", spareUsers.pop() ?? ""], /^user spare-\d deleted/],
  "users import": () => [["users", "import", writeUsers()], /^2 lines stored, 1 invalid/, 1],
  "users export": () => [["users", "export"], /^\{"id":"ann","addresses":\{"email":"ann@example\.com"\}\}$/m],
  "groups list": () => [["groups", "list"], /^news\s+News\s+\d/m],
  "groups show": () => [["groups", "show", "news"], /news\s+News\s+\d/],
  "groups put": () => [["groups", "put", "sales", "--name", "Sales"], /sales\s+Sales\s+0/],
  "groups delete": () => [["groups", "delete", spareGroups.pop() ?? ""], /^group spare-\d deleted/],
  "groups members": () => [["groups", "members", "news"], /^ann\s+all/m],
  "groups join": () => [["groups", "join", "news", "cleo", "--channels", "email, sms"], /^(cleo joined|nothing changed): \d members/],
  "groups leave": () => [["groups", "leave", "news", "dan"], /^(dan left|nothing changed): \d members?/],
  "groups import": () => [["groups", "import", "news", writeMembers()], /^1 line stored, 1 invalid/, 1],
  erase: () => [["erase", "nobody@sandbox.carillon.test", "--yes", "--json"], /"complete": true/],
  "keys list": () => [["keys", "list"], /first\s+encrypt and decrypt/],
  "keys rewrap": () => [["keys", "rewrap"], /documents re-encrypted with first/],
};

const writeProvider = (): string => {
  const file = join(remote.folder, "provider.yaml");
  const secret = join(remote.folder, "provider.password");
  writeFileSync(secret, "correct horse");
  writeFileSync(file, `type: smtp\noptions: { host: mail.test, username: acme }\nsecrets: { password: "\${file:${secret}}" }\n`);
  return file;
};

const writeImport = (): string => {
  const file = join(remote.folder, "batch.ndjson");
  const good = { channel: "push", to: "device-success", content: { text: "Hi" } };
  writeFileSync(file, [JSON.stringify(good), JSON.stringify({ ...good, channel: "pigeon" }), JSON.stringify(good)].join("\n"));
  return file;
};

const writePublicKey = (): string => {
  const file = join(remote.folder, "key.pem");
  const { publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  writeFileSync(file, publicKey.export({ type: "spki", format: "pem" }));
  return file;
};

const writeUsers = (): string => {
  const file = join(remote.folder, "users.csv");
  writeFileSync(file, "id,email\neve,eve@example.com\nfay,no address\ngil,gil@example.com\n");
  return file;
};

const writeMembers = (): string => {
  const file = join(remote.folder, "members.ndjson");
  writeFileSync(file, '{"user":"cleo"}\n{"user":"stranger"}\n');
  return file;
};

const anywhere = Object.entries(commandReach).flatMap(([words, reach]) => (reach.where === "anywhere" ? [[words, reach] as const] : []));

describe("every command", () => {
  it("declares whether it works on a server, and is tried here if it does", async () => {
    const words = leavesOf(await createProgram()).map(wordsOf);
    expect(words.sort()).toEqual(Object.keys(commandReach).sort());
    expect(Object.keys(examples).sort()).toEqual(anywhere.map(([name]) => name).sort());
  });

  it("has --json, unless its output has a form of its own", async () => {
    const without = leavesOf(await createProgram()).filter(({ options }) => !options.some(({ long }) => long === "--json"));
    expect(without.map(wordsOf).sort()).toEqual([...withoutJson].sort());
  });

  it.each(anywhere)("%s declares routes that the server has, for those whom it says", (_words, { access, routes: declared }) => {
    const found = declared.map((route) => remote.routes.get(route));
    expect(declared.filter((_, index) => found[index] === undefined)).toEqual([]);
    if (access === "tenant") expect(new Set(found)).toEqual(new Set(["tenant"]));
    else expect(found).toContain("operator");
  });

  it.each(Object.entries(examples))("%s works on a server", async (_words, exampleOf) => {
    const [args, shows, status = 0] = exampleOf();
    const { stdout, stderr, status: ended } = await remote.onServer(args);
    expect(stdout, stderr).toMatch(shows);
    expect(ended, stderr).toBe(status);
    expect(stdout + stderr).not.toContain(serverKeys.operator);
  });

  it("import refuses a line that is nested too deeply, and that line alone", async () => {
    const line = JSON.stringify({ channel: "push", to: "device-success", content: { text: "Hi" } });
    const deep = `${line.slice(0, -1)},"variables":{"a":${"[".repeat(20_000)}${"]".repeat(20_000)}}}`;
    const file = join(remote.folder, "deep.ndjson");
    writeFileSync(file, `${line}\n${deep}\n${line}\n`);
    const { stdout, stderr } = await remote.onServer(["import", file]);
    expect(stdout).toMatch(/^2 accepted .* 1 refused/);
    expect(stderr).toContain("line 2: body is nested too deeply");
  });

  it.each(anywhere.filter(([, { access }]) => access === "operator"))("%s reports what the key lacks", async (words) => {
    const [args] = examples[words]?.() ?? [[]];
    const { stderr, status } = await remote.onServer(args, serverKeys.sender);
    expect(stderr).toContain(`carillon ${words} needs an operator's key: the key lacks the scope operate\n`);
    expect(stderr).toMatch(/fix: give an operator's key .* with role: operator/);
    expect(status).toBe(1);
  });

  it.each(Object.entries(examples).filter(([words]) => !withoutJson.includes(words)))(
    "%s prints nothing but JSON with --json",
    async (_words, exampleOf) => {
      const [args, , status = 0] = exampleOf();
      const { stdout, stderr } = await remote.onServer([...args, "--json"]);
      if (status === 0 || stdout !== "") expect(() => JSON.parse(stdout), stdout + stderr).not.toThrow();
    },
  );

  it.each(Object.entries(commandReach).filter(([, reach]) => reach.where === "here" && !reach.takesUrl))(
    "%s refuses --url, and says why",
    async (words) => {
      const more = words === "backup" || words === "restore" ? [join(remote.folder, "file")] : [];
      const { stderr, status } = await commandLine([...words.split(" "), ...more, "--url", remote.url]);
      expect(stderr).toContain(`carillon ${words} runs only on the machine of the server: `);
      expect(status).toBe(1);
    },
  );
});

describe("a command on a server", () => {
  it("sends as the tenant of its key, and may not send as another", async () => {
    const message = ["send", "--channel", "sms", "--to", "+14155550100", "--text", "Hi"];
    const own = (await remote.onServer(message, serverKeys.sender)).stdout.trim();
    expect(JSON.parse((await remote.onServer(["status", own, "--json"])).stdout)).toMatchObject({ tenant: "acme" });
    const foreign = await remote.onServer([...message, "--tenant", "other"], serverKeys.sender);
    expect(foreign.stderr).toContain("the key belongs to the tenant acme");
    expect(foreign.status).toBe(1);
    const seen = await remote.onServer(["status", own], null);
    expect(seen.stderr).toContain("requires a key");
  });

  it("names each wrong field of a message, with its fix", async () => {
    const { status, stderr } = await remote.onServer(["send", "--channel", "sms", "--to", "nobody", "--lane", "urgent", "--text", ""]);
    expect(status).toBe(1);
    expect(stderr).toContain("the message is invalid:");
    expect(stderr).toContain("to is not a phone number in E.164 form:");
    expect(stderr).toContain("content.text is missing:");
  });

  it("reports an idempotency key that stands for other content", async () => {
    const send = (text: string) =>
      remote.onServer(["send", "--channel", "sms", "--to", "+14155550100", "--idempotency-key", "remote-1", "--text", text]);
    expect((await send("one")).status).toBe(0);
    expect((await send("two")).stderr).toContain("idempotencyKey: was already used with different content");
  });

  it("refuses a filter before it makes a file", async () => {
    const out = join(remote.folder, "refused.csv");
    const { stderr, status } = await remote.onServer(["reports", "export", "messages_email", "--filter", '{"$where":"1"}', "--out", out]);
    expect(stderr).toContain("$where");
    expect(status).toBe(1);
    expect(() => readFileSync(`${out}.part`)).toThrow();
  });

  it("says that there is no such message, or dead letter", async () => {
    expect((await remote.onServer(["status", "nothing"])).stderr).toContain("no message has the id nothing");
    expect((await remote.onServer(["dead-letters", "show", "nothing"])).stderr).toContain("no dead letter has the id nothing");
    expect((await remote.onServer(["webhooks", "enable", "nobody"])).stderr).toContain("the tenant nobody has no webhook");
  });

  it("notes that CARILLON_URL is ignored where a command is local", async () => {
    const { stdout, stderr } = await remote.onServer(["config", "print", "--defaults"]);
    expect(stderr).toContain("CARILLON_URL is ignored");
    expect(stdout).toContain("# delay after");
  });
});
