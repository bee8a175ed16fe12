import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createLogger } from "../../operations/telemetry/logger.js";
import { type Carillon, startCarillon } from "../../service/carillon.js";
import { loadConfig } from "../../service/load-config.js";
import { scratchFolder } from "../support/scratch.js";

const keys = { shop: "shop-0123456789-abcdef", operations: "operations-0123456789" };
const token = "a token of hostile requests";
const message = { channel: "sms", to: "+14155550100", content: { text: "Hi" } };

describe("hostile requests", () => {
  const folder = scratchFolder();
  const lines: string[] = [];
  let carillon: Carillon;
  beforeAll(async () => {
    const apiKeys = [
      { tenant: "shop", key: keys.shop },
      { tenant: "operations", key: keys.operations, role: "operator" },
    ];
    const overrides = {
      dataDir: folder.path,
      http: { port: 0, apiKeys, failedAuthenticationsPerMinute: 5 },
      providers: { kaleyra: { sid: "HX1", apiKey: "a key of kaleyra", callback: { token } } },
      channels: { sms: { providers: ["sandbox"], routes: [{ recipient: "+44", providers: ["kaleyra"] }] } },
    };
    const logger = createLogger("error", "test", (line) => {
      lines.push(line);
      return "";
    });
    carillon = await startCarillon({ config: loadConfig({ environment: {}, overrides }), logger });
  });
  afterAll(async () => {
    await carillon.stop();
    folder.remove();
  });

  const asked = (path: string, init: RequestInit = {}, key = keys.operations): Promise<Response> =>
    fetch(`${carillon.url}${path}`, { ...init, headers: { authorization: `Bearer ${key}`, ...init.headers } });

  /** The complete answer to bytes that no HTTP client would send. */
  const rawAnswer = (text: string): Promise<string> =>
    new Promise((resolve, reject) => {
      const { port } = new URL(carillon.url ?? "");
      let answer = "";
      const socket = connect(Number(port), "127.0.0.1", () => socket.write(text));
      socket.on("data", (chunk: Buffer) => {
        answer += chunk.toString();
      });
      socket.once("close", () => resolve(answer));
      socket.once("error", reject);
    });
  const raw = async (text: string): Promise<string> => (await rawAnswer(text)).split("\r\n")[0] ?? "";

  it.each(["[bad", "a b", "a/b", "a@b", "a?b", "host:port", "[::1", "a\\b", "%", "a,b", "<script>"])(
    "answers 400 to Host: %s",
    async (host) => {
      for (const path of ["/", "/v1/messages/x", "/v1/callbacks/kaleyra?token=x", "/nothing", "/healthz"])
        expect(await raw(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`), path).toContain("400 Bad Request");
    },
  );

  const close = "Host: 127.0.0.1\r\nConnection: close\r\n";
  const post = `POST /v1/messages HTTP/1.1\r\nAuthorization: Bearer ${keys.shop}\r\nContent-Type: application/json\r\n${close}`;
  it.each([
    ["no request", "GARBAGE\r\n\r\n", 400],
    ["a header that is none", `GET / HTTP/1.1\r\n${close}Bad Header: x\r\n\r\n`, 400],
    ["two lengths", `${post}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`, 400],
    ["a chunk without size", `${post}Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n`, 400],
    ["a method that is none", `FOO / HTTP/1.1\r\n${close}\r\n`, 400],
    ["HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400],
    ["no host", "GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n", 400],
    ["a path that is not text", `GET /%zz HTTP/1.1\r\n${close}\r\n`, 400],
    ["a long part of a path", `GET /v1/messages/${"a".repeat(2_000)} HTTP/1.1\r\n${close}\r\n`, 414],
    ["an expectation", `POST /v1/messages HTTP/1.1\r\n${close}Expect: foo\r\n\r\n`, 417],
    ["large headers", `GET / HTTP/1.1\r\n${close}X: ${"a".repeat(20_000)}\r\n\r\n`, 431],
    ["a large body", `${post}Content-Length: 99999999\r\n\r\n{}`, 413],
    ["a route that is none", `GET /nothing HTTP/1.1\r\n${close}\r\n`, 404],
  ])("answers %s with the headers and the form of every refusal", async (_, text, status) => {
    const answer = await rawAnswer(text);
    const [head = "", body = ""] = answer.split("\r\n\r\n");
    expect(head).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(head.toLowerCase()).toContain("cache-control: no-store");
    expect(head.toLowerCase()).toContain("x-content-type-options: nosniff");
    expect(head.toLowerCase()).toContain("content-type: application/problem+json");
    expect(JSON.parse(body)).toMatchObject({ status, title: expect.any(String), detail: expect.any(String) });
  });

  it("answers 400 to two hosts, and to a path that is not text", async () => {
    expect(await raw("GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nHost: evil.test\r\nConnection: close\r\n\r\n")).toContain("400 Bad Request");
    expect(await raw("GET /v1/messages/%zz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")).toContain("400 Bad Request");
  });

  it.each(["__proto__", "constructor", "toString", "hasOwnProperty", "valueOf", "%5F%5Fproto%5F%5F"])(
    "knows no more of %s than of any other name",
    async (name) => {
      for (const path of [
        `/reports/messages_sms/_aggrs/${name}`,
        `/reports/messages_sms/${name}`,
        `/reports/${name}`,
        `/reports/${name}/_aggrs/outcomes`,
        `/v1/messages/${name}`,
        `/sandbox/outbox/${name}`,
        `/console/${name}`,
        `/${name}`,
      ])
        expect((await asked(path)).status, path).toBe(404);
      for (const path of [`/reports/messages?${name}=1`, `/reports/summary?by=${name}`, `/v1/dead-letters?${name}=1`])
        expect((await asked(path)).status, path).toBe(400);
      const device = JSON.stringify({ platform: name, token: "t" });
      const headers = { "content-type": "application/json" };
      expect((await asked("/v1/push/endpoints", { method: "POST", body: device, headers })).status).toBe(404);
      const callback = await fetch(`${carillon.url}/v1/callbacks/${name}`, { method: "POST", headers: { "x-callback-token": token } });
      expect(callback.status).toBe(404);
    },
  );

  it.each([
    ["unknown fields", (fields: object) => ({ ...message, ...fields })],
    ["unknown fields of the content", (fields: object) => ({ ...message, content: { ...message.content, ...fields } })],
    ["metadata that are no texts", (fields: object) => ({ ...message, metadata: fields })],
    ["one field with a long name", (fields: object) => ({ ...message, [Object.keys(fields).join("")]: 1 })],
  ])("lists few of very many errors: %s", async (_, bodyOf) => {
    const fields = Object.fromEntries(Array.from({ length: 60_000 }, (_unused, index) => [`field${index}`, 1]));
    const headers = { "content-type": "application/json" };
    const response = await asked("/v1/messages", { method: "POST", headers, body: JSON.stringify(bodyOf(fields)) }, keys.shop);
    const text = await response.text();
    expect(response.status).toBe(400);
    expect(text.length).toBeLessThan(20_000);
    const { errors } = JSON.parse(text) as { errors: readonly { field: string; problem: string }[] };
    if (errors.length > 1) expect(errors.at(-1)).toMatchObject({ field: "message", problem: "has more than 50 errors" });
  });

  const redrive = "/v1/dead-letters/redrive";
  it.each([
    [redrive, "[]", "body", "is a list, not an object", "give an object with ids, filter or perSecond"],
    [redrive, "null", "body", "is null, not an object", "give an object with ids, filter or perSecond"],
    [redrive, '{"ids":null}', "ids", "is null, not a list", "give a list of 1 to 1000 ids of dead letters"],
    [redrive, '{"ids":[]}', "ids", "is empty", "give a list of 1 to 1000 ids of dead letters"],
    [redrive, '{"ids":[7]}', "ids", "is a number, not text", "give a list of 1 to 1000 ids of dead letters"],
    [
      redrive,
      '{"filter":{"state":"x"}}',
      "filter.state",
      "is not one of pending, redriven, discarded",
      "give pending, redriven or discarded",
    ],
    [redrive, '{"filter":{},"perSecond":0}', "perSecond", "is not above 0", "give dead letters per second, above 0 and at most 100000"],
    [redrive, '{"all":true}', "all", "is not a known field", "leave it out, or give ids, filter or perSecond"],
    ["/v1/dead-letters/discard", '{"filter":{}}', "reason", "is missing", "give the reason in 1 to 500 characters"],
    ["/v1/dead-letters?limit=0", undefined, "limit", "is less than 1", "give a whole number from 1 to 1000"],
  ])("names the field, the problem and the fix: %s %s", async (path, body, field, problem, fix) => {
    const headers = { "content-type": "application/json" };
    const response = await asked(path, body === undefined ? {} : { method: "POST", headers, body });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ errors: [{ field, problem, fix }] });
  });

  it("answers a fault of its own in general words, with the id that its log line carries", async () => {
    const { lineage } = carillon.stores;
    const find = lineage.find;
    Object.assign(lineage, { find: () => Promise.reject(new Error("connect ECONNREFUSED 192.0.2.7:27017 for mallory")) });
    try {
      const response = await asked("/v1/messages/some-id");
      const text = await response.text();
      expect(response.status).toBe(500);
      expect(response.headers.get("content-type")).toContain("application/problem+json");
      for (const word of ["ECONNREFUSED", "192.0.2.7", "mallory"]) expect(text).not.toContain(word);
      const { requestId, title } = JSON.parse(text) as { requestId: string; title: string };
      expect(title).toBe("Internal Server Error");
      expect(requestId).toMatch(/^[0-9a-f-]{36}$/);
      const logged = lines.map((line) => JSON.parse(line) as Record<string, unknown>).find((line) => line.requestId === requestId);
      expect(logged).toMatchObject({ method: "GET", route: "/v1/messages/:id", status: 500, err: expect.stringContaining("ECONNREFUSED") });
    } finally {
      Object.assign(lineage, { find });
    }
  });

  it("does not reveal which server is away", async () => {
    const { log } = carillon.stores;
    const { lag } = log;
    Object.assign(log, { lag: () => Promise.reject(new Error("broker kafka-7.internal is away")) });
    try {
      const response = await asked("/readyz");
      expect(response.status).toBe(503);
      expect(await response.text()).not.toContain("kafka-7");
      expect(lines.join("\n")).toContain("kafka-7");
    } finally {
      Object.assign(log, { lag });
    }
  });

  it("takes the Idempotency-Key header: the same message under the same id, and 400 where it contradicts the body", async () => {
    const post = (body: object, key: string): Promise<Response> =>
      asked(
        "/v1/messages",
        {
          method: "POST",
          headers: { "content-type": "application/json", "idempotency-key": key },
          body: JSON.stringify(body),
        },
        keys.shop,
      );
    const idOf = async (response: Response): Promise<string> => ((await response.json()) as { id: string }).id;
    const first = await idOf(await post(message, '"order-7"'));
    expect(await idOf(await post(message, "order-7"))).toBe(first);
    expect(await idOf(await post({ ...message, idempotencyKey: "order-7" }, "order-7"))).toBe(first);
    expect(await idOf(await post(message, "order-8"))).not.toBe(first);
    const refused = await post({ ...message, idempotencyKey: "order-7" }, "order-8");
    expect(refused.status).toBe(400);
    expect(await refused.json()).toMatchObject({
      title: "Bad Request",
      errors: [{ field: "Idempotency-Key", problem: "differs from the body's idempotencyKey", fix: expect.any(String) }],
    });
  });

  it("slows whoever guesses, by callbacks, keys and sign-ins alike, and counts it", async () => {
    expect((await asked("/reports")).status).toBe(200);
    const statuses: number[] = [];
    for (let guess = 0; guess < 3; guess += 1) {
      const headers = { "x-callback-token": `guess number ${guess}` };
      statuses.push((await fetch(`${carillon.url}/v1/callbacks/kaleyra`, { method: "POST", headers })).status);
      statuses.push((await asked("/reports", {}, `guess-number-${guess}-0123456789`)).status);
      const body = JSON.stringify({ key: `guess number ${guess}` });
      const json = { "content-type": "application/json" };
      statuses.push((await fetch(`${carillon.url}/console/api/session`, { method: "POST", headers: json, body })).status);
    }
    expect(statuses).toEqual([401, 401, 401, 401, 401, 429, 429, 429, 429]);
    // a valid key that was never used from here waits as well; otherwise guessing it would not be slowed
    const limited = await asked("/reports", {}, "one-more-guess-0123456789");
    expect([limited.status, Number(limited.headers.get("retry-after"))]).toEqual([
      429,
      expect.toSatisfy((wait: number) => wait > 0 && wait <= 12),
    ]);
    const wait = limited.headers.get("retry-after");
    expect(limited.headers.get("ratelimit-policy")).toBe('"failed-authentications";q=5;w=60');
    expect(limited.headers.get("ratelimit")).toBe(`"failed-authentications";r=0;t=${wait}`);
    // a client that has used a valid key before continues
    expect((await asked("/reports")).status).toBe(200);
    const metrics = await (await fetch(`${carillon.url}/metrics`)).text();
    expect(metrics).toMatch(/carillon_authentication_failures_total\{kind="callback",result="refused"\} 2/);
    expect(metrics).toMatch(/carillon_authentication_failures_total\{kind="callback",result="limited"\} 1/);
    expect(metrics).toMatch(/carillon_authentication_failures_total\{kind="key",result="refused"\} 3/);
    expect(metrics).toMatch(/carillon_authentication_failures_total\{kind="key",result="limited"\} 4/);
  });
});
