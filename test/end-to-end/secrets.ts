import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { cleanEnvironment } from "../support/clean-environment.js";
import { eventually } from "../support/eventually.js";
import { answerJson, type HttpPeer, type PeerCall, startHttpPeer } from "../support/http-peer.js";
import { type Delivery, type DeliveryOptions, nameOf, startDelivery } from "./harness.js";
import { storedIn } from "./stored.js";

const root = fileURLToPath(new URL("../..", import.meta.url));
const base64 = (text: string): string => Buffer.from(text).toString("base64");
const webhookSecret = `whsec_${base64("planted webhook secret, 32 bytes")}`;

/** Ten secrets, each in a different place. */
const planted = {
  header: 'pl4nted-"header" & value',
  field: "pl4nted/field+value=",
  query: "pl4nted-query-value",
  account: "pl4nted:account@value",
  bearer: "pl4nted.bearer.value",
  basic: "pl4nted-basic-välue",
  kaleyra: "pl4nted-kaleyra-key",
  twilio: "pl4nted-twilio-token",
  hook: "pl4nted-hook-path-token",
  tracing: "pl4nted-tracing-header",
} as const;

const variableOf = (name: string): string => `CARILLON_TEST_PLANTED_${name.toUpperCase()}`;
const reference = (name: keyof typeof planted | "webhook"): string => `\${env:${variableOf(name)}}`;

/** Texts that must not occur anywhere: each secret as it is, and in the encodings in which the gateway returns it. */
const needles = Object.entries({ ...planted, webhook: webhookSecret }).flatMap(([name, secret]) =>
  [
    secret,
    encodeURIComponent(secret),
    JSON.stringify(secret).slice(1, -1),
    base64(secret).slice(0, -4),
    base64(`account:${secret}`).slice(12, -4),
    Buffer.from(secret).toString("base64url").slice(0, -4),
    Buffer.from(secret).toString("hex"),
    secret.replaceAll("&", "&amp;").replaceAll('"', "&quot;"),
    [...secret].reverse().join(""),
  ].map((text) => ({ name, text: text.toLowerCase(), stored: Buffer.from(text.toLowerCase()).toString("latin1") })),
);

/** The secrets in a text. */
const foundIn = (text: string): string[] => {
  const lower = text.toLowerCase();
  return needles.filter(({ text: needle, stored }) => lower.includes(needle) || lower.includes(stored)).map(({ name }) => name);
};

/** A gateway that refuses, and returns everything it received in every encoding. */
const echo = (response: Parameters<Parameters<HttpPeer["answers"]>[0]>[0], { method, url, headers, body }: PeerCall): void => {
  const said = [url, ...Object.entries(headers).map(([name, value]) => `${name}: ${String(value)}`), body].join("\n");
  const ways = [
    "gateway-echo",
    said,
    said.toUpperCase(),
    JSON.stringify({ method, said }),
    encodeURIComponent(said),
    said.replaceAll("&", "&amp;").replaceAll('"', "&quot;"),
    base64(said),
    Buffer.from(said).toString("base64url"),
    Buffer.from(said).toString("hex"),
    said.replace(/(.{9})/g, "$1\r\n "),
  ];
  // all encodings together would be too long, so each answer starts with a different one
  const first = Number(url?.at(-1)) || body.length;
  response.writeHead(422, { "content-type": "text/plain" }).end(`gateway-echo ${ways[first % ways.length]}\n${ways.join("\n")}`);
};

const gateways = ["header", "field", "query", "account", "bearer", "basic", "kaleyra", "twilio"] as const;
const numberOf = (index: number): string => `+1415555010${index}`;

const providersAt = (url: string): Readonly<Record<string, object>> => {
  const fields = { to: "{{ to }}", text: "{{ text }}" };
  const callback = { addresses: ["127.0.0.0/8"] };
  const http = (more: object) => ({ type: "http", url: `${url}/send`, fields, ...more });
  return {
    header: {
      ...http({ auth: { kind: "header", header: "x-acct", secret: reference("header") } }),
      receipt: { states: { gone: { event: "permanent_failure" } } },
      callback,
    },
    field: http({ format: "form", auth: { kind: "field", field: "pwd", secret: reference("field") } }),
    query: http({ url: `${url}/send?k=${reference("query")}` }),
    account: http({ url: `${url.replace("://", `://account:${encodeURIComponent(planted.account)}@`)}/send` }),
    bearer: http({ auth: { kind: "bearer", token: reference("bearer") } }),
    basic: http({ auth: { kind: "basic", username: "account", password: reference("basic") } }),
    kaleyra: { url, sid: "HX1", apiKey: reference("kaleyra"), callback },
    twilio: { url, accountSid: "account", authToken: reference("twilio") },
  };
};

export const describeSecrets = (options: DeliveryOptions): void => {
  describe(`secrets, ${nameOf(options)}`, () => {
    let [gateway, hook, collector]: readonly (HttpPeer | undefined)[] = [];
    let delivery: Delivery;
    const ids: string[] = [];
    /** Everything printed or answered, by its source. */
    const seen: Record<string, string> = {};

    beforeAll(async () => {
      for (const [name, secret] of Object.entries(planted)) process.env[variableOf(name)] = secret;
      process.env[variableOf("webhook")] = webhookSecret;
      gateway = await startHttpPeer(echo);
      hook = await startHttpPeer((response, { url }) => response.writeHead(302, { location: `https://elsewhere.test${url}` }).end());
      collector = await startHttpPeer(answerJson(200, {}));
      delivery = await startDelivery({
        ...options,
        config: {
          channels: {
            sms: {
              providers: ["header"],
              from: "CARILN",
              retry: { maxAttempts: 1 },
              routes: gateways.map((name, index) => ({ recipient: numberOf(index), providers: [name] })),
            },
          },
          providers: providersAt(gateway.url),
          webhooks: {
            tenants: { local: { url: `${hook.url}/in?token=${reference("hook")}`, secret: reference("webhook") } },
            allowAddresses: ["127.0.0.0/8"],
            retryDelaysMs: [],
          },
          tracing: { url: `${collector.url}/v1/traces`, headers: { "x-tracing-key": reference("tracing") } },
          delivery: { sendTimeoutMs: 2_000, keepExchanges: "all" },
          log: { level: "debug" },
        },
      });
    }, 90_000);
    afterAll(async () => {
      await delivery?.stop();
      await Promise.all([gateway, hook, collector].map((peer) => peer?.stop()));
      for (const name of [...Object.keys(planted), "webhook"]) delete process.env[variableOf(name)];
    }, 90_000);

    const carillon = (...args: readonly string[]): Promise<string> =>
      new Promise((resolve) => {
        const child = spawn(process.execPath, [join(root, "bin/carillon.js"), "--config", delivery.configFile, ...args], {
          env: { ...cleanEnvironment(), NO_COLOR: "1" },
        });
        let output = "";
        for (const stream of [child.stdout, child.stderr])
          stream.on("data", (chunk: Buffer) => {
            output += chunk.toString();
          });
        child.once("exit", () => {
          seen[args.join(" ")] = output;
          resolve(output);
        });
      });
    const get = async (path: string, init: RequestInit = {}): Promise<string> => {
      const response = await fetch(`${delivery.urls[0]}${path}`, init);
      const text = await response.text();
      seen[`${init.method ?? "GET"} ${path}`] = `${response.status} ${text}`;
      return text;
    };

    it("go to the gateways, which refuse and give them back", async () => {
      for (const index of gateways.keys())
        ids.push(await delivery.send({ channel: "sms", to: numberOf(index), lane: "high", content: { text: "Hi there" } }));
      for (const [index, id] of ids.entries()) {
        const view = await delivery.final(id);
        expect(view.status, gateways[index]).toBe("failed");
        // the last one: on a busy machine an earlier attempt may have timed out
        const step = view.lineage.findLast(({ stage }) => stage === "dispatch");
        expect(step?.details.exchange, gateways[index]).toContain("***");
        expect(step?.details.exchange?.toLowerCase(), gateways[index]).toContain("gateway-echo");
      }
      // the search finds each secret in the gateways' requests, so it would find it elsewhere
      const sent = JSON.stringify(gateway?.calls.map(({ url, headers, body }) => [url, headers, body]));
      expect([...new Set(foundIn(sent))].sort()).toEqual([...gateways].sort());
      await eventually(
        async () => hook?.calls.length ?? 0,
        (count) => count > 0,
      );
      await eventually(
        async () => collector?.calls.length ?? 0,
        (count) => count > 0,
      );
      expect(collector?.calls[0]?.headers["x-tracing-key"]).toBe(planted.tracing);
    }, 90_000);

    it("are in no callback that is kept, and in no problem that is answered", async () => {
      const everything = Object.values(planted).join(" ");
      const post = (body: string, query = "") =>
        get(`/v1/callbacks/header${query}`, {
          method: "POST",
          headers: { "content-type": "application/json", "x-echo": encodeURIComponent(everything) },
          body,
        });
      expect(await post(JSON.stringify({ nothing: everything }))).toContain("status");
      await post(JSON.stringify({ id: everything.slice(0, 300), status: everything }), `?echo=${encodeURIComponent(everything)}`);
      await post(JSON.stringify({ id: "an-id", status: "gone", detail: everything }));
      await get(`/v1/messages/${encodeURIComponent(planted.query)}`);
      await get("/v1/messages", {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ channel: planted.twilio, to: planted.kaleyra, [planted.bearer]: 1 }),
      });
    }, 60_000);

    it("are in nothing that is printed, answered, exported or traced", async () => {
      await carillon("config", "print");
      await carillon("doctor");
      await carillon("providers");
      await carillon("webhooks", "list");
      await carillon("dead-letters", "list", "--json");
      await carillon("lanes");
      for (const id of ids) await get(`/v1/messages/${id}`);
      for (const id of ids.slice(0, 2)) await carillon("status", id);
      await carillon("why", ids[0] ?? "");
      await carillon("send", "--channel", "sms", "--to", planted.kaleyra, "--text", planted.twilio);
      for (const format of ["csv", "ndjson"]) {
        const file = join(delivery.config.dataDir, `export.${format}`);
        const lineage = format === "ndjson" ? ["--lineage"] : [];
        await carillon("reports", "export", "messages_sms", "--format", format, ...lineage, "--out", file);
        seen[`export as ${format}`] = readFileSync(file, "utf8");
      }
      expect(seen["export as ndjson"]?.toLowerCase()).toContain("gateway-echo");
      expect(seen["config print"]).toContain("***");
      await get("/reports/messages_sms");
      seen.output = delivery.output();
      expect(seen.output.length).toBeGreaterThan(100);
      seen.traces = JSON.stringify((collector?.calls ?? []).map(({ body }) => body));
      const found = Object.entries(seen).flatMap(([what, text]) => foundIn(text).map((name) => `${name} in ${what}`));
      expect([...new Set(found)]).toEqual([]);
    }, 180_000);

    it("are in no file, topic and collection", async () => {
      const stored = await eventually(
        () => storedIn(delivery),
        (places) => Object.values(places).some((text) => text.toLowerCase().includes("gateway-echo")),
      );
      const found = Object.entries(stored).flatMap(([place, text]) => foundIn(text).map((name) => `${name} in ${place}`));
      expect([...new Set(found)]).toEqual([]);
    }, 60_000);
  });
};
