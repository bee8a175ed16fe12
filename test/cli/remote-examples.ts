import { generateKeyPairSync } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { deliveredTo, hookedTenants, letterId, poison, type Remote, spareProviders, spareRoutes, spareTenants } from "../support/remote.js";

/** How a command is given, and what shows that the server did it. */
export type Examples = Readonly<Record<string, () => readonly [args: readonly string[], shows: RegExp, status?: number]>>;

const day = ["--from", "-300d"];

const writeProvider = (folder: string): string => {
  const file = join(folder, "provider.yaml");
  const secret = join(folder, "provider.password");
  writeFileSync(secret, "correct horse");
  writeFileSync(file, `type: smtp\noptions: { host: mail.test, username: acme }\nsecrets: { password: "\${file:${secret}}" }\n`);
  return file;
};

const writeImport = (folder: string): string => {
  const file = join(folder, "batch.ndjson");
  const good = { channel: "push", to: "device-success", content: { text: "Hi" } };
  writeFileSync(file, [JSON.stringify(good), JSON.stringify({ ...good, channel: "pigeon" }), JSON.stringify(good)].join("\n"));
  return file;
};

const writePublicKey = (folder: string): string => {
  const file = join(folder, "key.pem");
  const { publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  writeFileSync(file, publicKey.export({ type: "spki", format: "pem" }));
  return file;
};

const writeUsers = (folder: string): string => {
  const file = join(folder, "users.csv");
  writeFileSync(file, "id,email\neve,eve@example.com\nfay,no address\ngil,gil@example.com\n");
  return file;
};

const writeMembers = (folder: string): string => {
  const file = join(folder, "members.ndjson");
  writeFileSync(file, '{"user":"cleo"}\n{"user":"stranger"}\n');
  return file;
};

/** Commands on messages, queues and records. */
const deliveryExamples = (remoteOf: () => Remote): Examples => {
  return {
    send: () => [["send", "--channel", "sms", "--to", "+14155550100", "--text", "Hi", "--wait"], /delivered/],
    import: () => [["import", writeImport(remoteOf().folder)], /^2 accepted in .*, 1 refused/, 1],
    status: () => [["status", remoteOf().id], /delivered/],
    why: () => [["why", deliveredTo], new RegExp(`${remoteOf().id}\\s+delivered`)],
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
    "reports export": () => [["reports", "export", "messages_email", "--out", join(remoteOf().folder, "walk.csv")], /^1 row in/],
    "reports rebuild": () => [["reports", "rebuild"], /^\d+ messages? counted/],
    "webhooks list": () => [["webhooks", "list"], /hooks\.carillon\.test/],
    "webhooks enable": () => [
      ["webhooks", "enable", "hooked", "--replay-from", "2026-01-01"],
      /webhook of hooked enabled\n0 events replayed/,
    ],
    erase: () => [["erase", "nobody@sandbox.carillon.test", "--yes", "--json"], /"complete": true/],
    "keys list": () => [["keys", "list"], /first\s+encrypt and decrypt/],
    "keys rewrap": () => [["keys", "rewrap"], /documents re-encrypted with first/],
  };
};

/** Commands on tenants. What they remove is there once for each call. */
const tenantExamples = (remoteOf: () => Remote): Examples => {
  const spares: string[] = [...spareTenants];
  const hooked: string[] = hookedTenants.filter((id) => id !== "hooked-4");
  const providerNames: string[] = [...spareProviders];
  const routeChannels: string[] = [...spareRoutes];
  const spareTokenKeys = ["tk-second", "tk-third"];
  return {
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
    "tenants set-provider": () => [
      ["tenants", "set-provider", "acme", "mail", writeProvider(remoteOf().folder)],
      /^mail\s+smtp\s+email\s+password/m,
    ],
    "tenants remove-provider": () => [["tenants", "remove-provider", "acme", providerNames.pop() ?? ""], /^provider spare\d removed/],
    "tenants routes": () => [["tenants", "routes", "acme"], /^sms\s+sandbox/m],
    "tenants set-route": () => [["tenants", "set-route", "acme", "email", "sandbox, mail"], /^email\s+sandbox, mail/m],
    "tenants remove-route": () => [["tenants", "remove-route", "acme", routeChannels.pop() ?? ""], /^route of (sms|push) removed/],
    "tenants token-keys": () => [["tenants", "token-keys", "acme"], /^tk-first\s+ES256\s+https:\/\/keys\.carillon\.test/m],
    "tenants add-token-key": () => [
      ["tenants", "add-token-key", "acme", "--alg", "ES256", "--public-key", writePublicKey(remoteOf().folder)],
      /^token key tk-[-0-9a-f]{36} registered/,
    ],
    "tenants remove-token-key": () => [["tenants", "remove-token-key", "acme", spareTokenKeys.pop() ?? ""], /^token key tk-\w+ removed/],
    "tenants webhook": () => [["tenants", "webhook", "hooked-4"], /^hooked-4\.carillon\.test\s+tenant\s+final\s+\d\s+healthy/m],
    "tenants set-webhook": () => [
      ["tenants", "set-webhook", "acme", `https://acme.test/${Date.now()}`, "--kinds", "final"],
      /^whsec_\S{44}$/m,
    ],
    "tenants remove-webhook": () => [["tenants", "remove-webhook", hooked.pop() ?? ""], /^webhook of hooked-\d removed/],
    "tenants rotate-webhook": () => [["tenants", "rotate-webhook", "hooked-4"], /^whsec_\S{44}$/m],
    "tenants audit": () => [["tenants", "audit", "--tenant", "acme"], /key:operations:config\.1\s+key\.create/],
  };
};

/** Commands on users and groups. */
const directoryExamples = (remoteOf: () => Remote): Examples => {
  const spareUsers = ["spare-1", "spare-2"];
  const spareGroups = ["spare-1", "spare-2"];
  return {
    "users list": () => [["users", "list", "--limit", "1"], /^anna?\s+email:ann@example\.com/m],
    "users show": () => [["users", "show", "ann"], /ann\s+email:ann@example\.com/],
    "users put": () => [["users", "put", "ben", "--sms", "+14155550100", "--locale", "en-US"], /ben\s+sms:\+14155550100\s+en-US/],
    "users delete": () => [["users", "delete", spareUsers.pop() ?? ""], /^user spare-\d deleted/],
    "users import": () => [["users", "import", writeUsers(remoteOf().folder)], /^2 lines stored, 1 invalid/, 1],
    "users export": () => [["users", "export"], /^\{"id":"ann","addresses":\{"email":"ann@example\.com"\}\}$/m],
    "groups list": () => [["groups", "list"], /^news\s+News\s+\d/m],
    "groups show": () => [["groups", "show", "news"], /news\s+News\s+\d/],
    "groups put": () => [["groups", "put", "sales", "--name", "Sales"], /sales\s+Sales\s+0/],
    "groups delete": () => [["groups", "delete", spareGroups.pop() ?? ""], /^group spare-\d deleted/],
    "groups members": () => [["groups", "members", "news"], /^ann\s+all/m],
    "groups join": () => [["groups", "join", "news", "cleo", "--channels", "email, sms"], /^(cleo joined|nothing changed): \d members/],
    "groups leave": () => [["groups", "leave", "news", "dan"], /^(dan left|nothing changed): \d members?/],
    "groups import": () => [["groups", "import", "news", writeMembers(remoteOf().folder)], /^1 line stored, 1 invalid/, 1],
  };
};

/** How each command that works anywhere is given on a server. `remoteOf`: called once the server runs. */
export const remoteExamples = (remoteOf: () => Remote): Examples => ({
  ...deliveryExamples(remoteOf),
  ...tenantExamples(remoteOf),
  ...directoryExamples(remoteOf),
});
