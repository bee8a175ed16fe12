import { afterAll, beforeAll, expect, it } from "vitest";
import { auditIdOf } from "../../stores/audit/audit-id.js";
import { systemClock } from "../../stores/clock.js";
import { createLmdbLog } from "../../stores/event-log/lmdb-log.js";
import { openEnvironment } from "../../stores/lmdb-environment.js";
import { createAsk } from "../http/ask.js";
import { apiKeys, asKey, keys, startWithRoutes } from "../http/walked-server.js";
import { settingsOf } from "../sinks/providers/http-settings.js";
import { eventually } from "../support/eventually.js";
import { answerJson, type HttpPeer, startHttpPeer } from "../support/http-peer.js";
import { scratchFolder } from "../support/scratch.js";
import { placesWith, storedFiles, storedTables } from "./stored-tables.js";

const marker = "wvyqzk";
const tenant = "acme";
const user = `ann-${marker}`;
const note = `for ${marker}`;
const content = { subject: note, title: note, text: note };
const later = new Date(Date.now() + 3_600_000).toISOString();
const addressOf = (behavior: string): string => `${behavior}+${marker}@sandbox.carillon.test`;

/** Longer than any topic keeps its records by default. */
const keptMs = 400 * 86_400_000;

/** Every table in which this test finds the user before the erasure: what it plants reaches all of them. */
const tablesWithRecipients = [
  ...["audit", "claims", "log-segments", "memberships", "memberships-left", "memberships-user", "messages"],
  ...["messages_email", "messages_index", "messages_push", "messages_sms", "timers", "users", "users-address"],
];

/** Where a record of the user is found, and how long: docs/privacy.md lists the same topics. */
const topicsWithRecipients = ["dead-letters", "dispatch", "fallbacks", "feedback", "lineage", "receipts", "requests", "webhooks"];

const folder = scratchFolder();
let server: Awaited<ReturnType<typeof startWithRoutes>>;
let peer: HttpPeer;
let key = "";
beforeAll(async () => {
  // as a provider it names the user in its answers, and as a webhook it takes no event
  const refuses = answerJson(200, { code: 17, message: `no subscriber ${marker}` });
  const fails = answerJson(500, {});
  peer = await startHttpPeer((response, call) => (call.url.startsWith("/send") ? refuses : fails)(response, call));
  const hook = { url: `${peer.url}/hook`, secret: `whsec_${Buffer.alloc(32, 7).toString("base64")}` };
  const webhooks = { tenants: { [tenant]: hook }, allowAddresses: ["127.0.0.0/8"], retryDelaysMs: [3_600_000] };
  const sms = { providers: ["sandbox"], routes: [{ recipient: "+44", providers: ["http"] }] };
  const more = {
    dataDir: folder.path,
    webhooks,
    providers: { http: settingsOf(peer.url, { receipt: null, status: null }) },
    channels: { sms },
  };
  server = await startWithRoutes({ apiKeys, failedAuthenticationsPerMinute: 10_000 }, more);
  const issued = await ask(keys.operations, "POST", `/v1/tenants/${tenant}/keys`, { scopes: ["send", "read", "manage"] });
  key = issued.body.key;
}, 60_000);
afterAll(async () => {
  await server.stop();
  await peer.stop();
  folder.remove();
});

const ask = createAsk(() => server.carillon.url);

const acme = async (method: string, path: string, body?: object) => {
  const answer = await ask(key, method, path, body);
  expect(answer.status, JSON.stringify(answer.body)).toBeLessThan(300);
  return answer.body;
};

const upload = async (path: string, type: string, body: string) => {
  const headers = { ...asKey(key), "content-type": type };
  const answer = await fetch(`${server.carillon.url}${path}`, { method: "POST", headers, body });
  expect(answer.status, await answer.text()).toBe(200);
};

const send = async (message: object): Promise<string> => (await acme("POST", "/v1/messages", { content, ...message })).id;

const untilStatus = (id: string, status: string) =>
  eventually(
    () => ask(key, "GET", `/v1/messages/${id}`),
    ({ body }) => body.status === status,
  );

const plantUser = async (): Promise<void> => {
  const line = { id: user, addresses: { email: addressOf("success") }, attributes: { note } };
  await upload("/v1/users/import?onError=refuse", "application/x-ndjson", JSON.stringify(line));
  await upload("/v1/users/import", "text/csv", `id,email,attributes.note\n${user},${addressOf("success")},${note}\n`);
  await acme("PUT", `/v1/users/${user}`, {
    addresses: { email: addressOf("success"), sms: "+14155550103", push: [`device-success-${marker}`], device: [`phone-${marker}`] },
    attributes: { note },
  });
  await acme("POST", `/v1/users/${user}/addresses`, { channel: "push", address: `device-success-${marker}-2`, app: marker });
  await acme("POST", `/v1/users/${user}/addresses`, { channel: "http", address: `https://${marker}.example.com/` });
  await acme("PUT", "/v1/groups/friends", {});
  await acme("POST", "/v1/groups/friends/members", { user, channels: ["email"] });
  await acme("PUT", "/v1/groups/left", {});
  await upload("/v1/groups/left/members", "text/csv", `user\n${user}\n`);
  await acme("DELETE", `/v1/groups/left/members/${user}`);
};

/** Messages to the user and to its addresses: ended, waiting, between attempts, without a receipt, and between the steps of a fallback. */
const plantMessages = async (): Promise<void> => {
  const metadata = { note };
  const delivered = await send({ recipient: { user, channels: ["email"] }, metadata, variables: { note }, idempotencyKey: "ann-1" });
  const scheduled = await send({ recipient: { user }, metadata, notBefore: later });
  const silent = await send({ recipient: { user, channels: ["sms"] }, metadata });
  const fallback = [{ channel: "push" }, { channel: "sms", unless: "opened", afterMs: 3_600_000 }];
  const stepped = await send({ recipient: { user, fallback }, metadata });
  const refused = await send({ channel: "sms", to: "+447400123456", metadata });
  const complaint = await send({ channel: "email", to: addressOf("complaint"), metadata });
  const bounced = await send({ channel: "email", to: addressOf("bounce"), metadata });
  const flaky = await send({ channel: "email", to: addressOf("flaky"), metadata });
  await untilStatus(delivered, "delivered");
  await untilStatus(scheduled, "queued");
  await untilStatus(silent, "dispatched");
  await untilStatus(stepped, "delivered");
  await untilStatus(bounced, "failed");
  await untilStatus(refused, "failed");
  await eventually(
    () => ask(key, "GET", `/v1/messages/${flaky}`),
    ({ body }) => body.lineage.some((step) => "nextAttempt" in step.details),
  );
  await plantReceipt(delivered);
  // events that the webhook did not take, or that are not posted while it fails
  const events = [
    `${delivered}:delivered`,
    `${stepped}:delivered`,
    `${bounced}:failed`,
    `${delivered}:opening-1`,
    `${complaint}:sandbox-${complaint}-1:complained`,
  ];
  await eventually(
    async () => (await storedTables(folder.path)).timers ?? "",
    (timers) => events.every((event) => timers.includes(`webhook:${event}`)),
  );
};

/** The report of an opening, by which a provider names the user. */
const plantReceipt = async (messageId: string): Promise<void> => {
  const { stores, assembly } = server.carillon;
  const of = { provider: "sandbox", channel: "email", messageId: null, providerMessageId: `sandbox-${messageId}-1` } as const;
  const opening = { event: "opened", reason: null, detail: note, at: Date.now(), recipients: [addressOf("success")] } as const;
  const rest = { receiptId: "opening-1", attempt: null, retryAfterMs: null, waits: 0 };
  const value = assembly.codecs.of(assembly.families.receipts).encode({ ...of, ...opening, ...rest });
  const topic = assembly.topics.find(({ topic: name }) => name.endsWith("receipts.email"))?.topic ?? "";
  await stores.log.append([{ topic, key: messageId, value }]);
};

/** A record that no stage can read, with an address of the user. */
const plantDeadLetter = async (): Promise<void> => {
  const { stores, assembly } = server.carillon;
  const topic = assembly.topics.find(({ topic: name }) => name.endsWith("requests.normal"))?.topic ?? "";
  await stores.log.append([{ topic, key: addressOf("bounce"), value: Buffer.from(`no record: ${addressOf("bounce")}`) }]);
  await eventually(
    () => ask(keys.operations, "GET", "/v1/dead-letters"),
    ({ body }) => body.items.length > 0,
  );
};

/** A change that a user made with a token of its own. No route records one yet. */
const plantAudit = async (): Promise<void> => {
  const entry = { actor: `user:${tenant}:${user}`, action: "address.add", tenant, target: `user ${user}`, before: null, after: { note } };
  const id = auditIdOf(new Date(systemClock.now()), "change-1");
  await server.carillon.stores.audit.record([{ ...entry, id, requestId: null, people: [{ tenant, id: user }] }]);
};

/** The topics with the marker, as they are named in the documentation: without prefix, channel and lane. */
const topicsWithMarker = async (): Promise<readonly string[]> => {
  const { stores, assembly } = server.carillon;
  const places: Record<string, string> = {};
  for (const { topic } of assembly.topics)
    for (const { key: of, value, headers } of await stores.log.scan(topic, 10_000)) {
      const name = topic.split(".")[1] ?? topic;
      const parts = [of, value, ...Object.values(headers)].map((part) => part?.toString("latin1") ?? "");
      places[name] = [places[name] ?? "", ...parts].join("\n");
    }
  return placesWith(marker, places);
};

const tablesWithMarker = async (): Promise<readonly string[]> => placesWith(marker, await storedTables(folder.path));

it("leaves nothing of an erased user but in the log, until its retention ends, and in the sandbox's outbox", async () => {
  await plantUser();
  await plantMessages();
  await plantDeadLetter();
  await plantAudit();
  expect(await tablesWithMarker()).toEqual(tablesWithRecipients);

  const erase = async (recipient: object): Promise<void> => {
    const { status, body } = await ask(keys.operations, "POST", "/v1/erasures", { ...recipient, tenant, waitMs: 30_000 });
    expect([status, body]).toMatchObject([200, { erased: { complete: true } }]);
  };
  await erase({ user });
  for (const to of [...["bounce", "complaint", "flaky"].map(addressOf), "+447400123456"]) await erase({ to });
  await acme("DELETE", `/v1/users/${user}`);

  const pending = await ask(keys.operations, "GET", "/v1/dead-letters?state=pending");
  expect(pending).toMatchObject({ status: 200, body: { items: [] } });
  // docs/privacy.md lists these copies: answers of providers, and records of the log
  expect(await tablesWithMarker()).toEqual(["claims", "log-segments"]);
  expect(await topicsWithMarker()).toEqual(topicsWithRecipients);
  const files = placesWith(marker, storedFiles(folder.path));
  expect([...new Set(files.map((path) => path.split("/")[0]))]).toEqual(["carillon.mdb", "outbox"]);

  await server.stop();
  const environment = openEnvironment(folder.path);
  const clock = { ...systemClock, now: () => systemClock.now() + keptMs };
  const log = createLmdbLog(environment, clock, { sweepEveryMs: 10 });
  await eventually(tablesWithMarker, (places) => !places.includes("log-segments"));
  await log.close();
  await environment.close();
}, 90_000);
