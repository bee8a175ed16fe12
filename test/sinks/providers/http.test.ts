import { brotliCompressSync, deflateRawSync, gzipSync } from "node:zlib";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Provider } from "../../../processors/provider.js";
import { noContent } from "../../../schemas/no-content.js";
import { definitionOf } from "../../../sinks/providers/registry.js";
import { callbackRequestOf } from "../../../sources/callbacks/callback-request.js";
import { commandTo, sendContext } from "../../support/commands.js";
import { answerJson, type HttpPeer, startHttpPeer } from "../../support/http-peer.js";
import { createProvider, optionsOf, receiptsIn } from "../../support/providers.js";

const receipt = {
  id: "ref",
  state: "state",
  detail: "words",
  at: "when",
  states: {
    OK: { event: "delivered" as const },
    NO: { event: "permanent_failure" as const, reason: "recipient_rejected" as const },
    LATER: { event: "temporary_failure" as const, reason: "recipient_unavailable" as const },
  },
};

/** A provider without any code. */
describe("provider http", () => {
  let peer: HttpPeer;
  let provider: Provider;
  const settings = (more: object = {}) => ({
    url: `${peer.url}/send/{{ tenant | url_encode }}`,
    fields: { "message.to": "{{ to }}", "message.body": "{{ text }}", ref: "{{ token }}", from: "{{ from }}" },
    auth: { kind: "header", header: "x-key", secret: "s3cret" },
    answer: {
      id: "data.0.id",
      code: "code",
      okCodes: ["0"],
      errors: {
        "17": { kind: "permanent_failure", reason: "recipient_rejected" },
        "88": { kind: "throttled", reason: "provider_throttled" },
      },
    },
    receipt,
    status: { url: `${peer.url}/status/{{ id }}`, state: "result.state", detail: "result.words" },
    ...more,
  });
  const taken = answerJson(200, { code: 0, data: [{ id: 4711 }] });
  beforeAll(async () => {
    peer = await startHttpPeer(taken);
    provider = await createProvider("http", "sms", settings());
  });
  beforeEach(() => {
    peer.calls.length = 0;
    peer.answers(taken);
  });
  afterAll(() => peer.stop());
  const send = (one = provider, text = 'Say "hi" & {{ x }}') =>
    one.send(commandTo("sms", "+14155550100", { tenant: "a/b", from: "CARILN", content: { ...noContent, text } }), sendContext);

  it("send: fills the fields from any message, and finds the id", async () => {
    expect(await send()).toEqual({ kind: "accepted", responseId: "4711" });
    const [call] = peer.calls;
    expect(call).toMatchObject({ method: "POST", url: "/send/a%2Fb" });
    expect(call?.headers).toMatchObject({ "x-key": "s3cret", "content-type": "application/json" });
    expect(JSON.parse(call?.body ?? "")).toEqual({
      message: { to: "+14155550100", body: 'Say "hi" & {{ x }}' },
      ref: "token:1",
      from: "CARILN",
    });
  });

  it.each([
    ["form", "POST", /^message\.to=%2B14155550100&message\.body=Say/],
    ["query", "GET", /^$/],
  ])("send: sends the fields in other formats: %s, %s", async (format, method, body) => {
    const other = await createProvider("http", "sms", settings({ format, method, auth: { kind: "field", field: "key", secret: "k" } }));
    expect(await send(other)).toMatchObject({ kind: "accepted" });
    expect(peer.calls[0]?.body).toMatch(body);
    expect(`${peer.calls[0]?.url} ${peer.calls[0]?.body}`).toContain("key=k");
  });

  it("send: counts acceptance as delivery without receipts, and reads an id in plain text", async () => {
    const plain = await createProvider("http", "sms", settings({ receipt: null, status: null, answer: { id: null } }));
    peer.answers((response) => response.end("abc-1\n"));
    expect(await send(plain)).toMatchObject({ kind: "delivered", responseId: "abc-1" });
  });

  it("receipt: reads the receipts that the configuration describes", () => {
    const reader = definitionOf("http")?.callbacks;
    const read = (fields: Readonly<Record<string, string>>) =>
      receiptsIn(
        reader?.read(
          { method: "GET", url: "/", headers: {}, form: {}, fields, json: undefined, body: Buffer.alloc(0) },
          optionsOf("http", settings()),
        ),
      );
    expect(read({ ref: "4711", state: "OK", when: "2026-11-22T10:00:00Z" })).toEqual([
      { responseId: "4711", event: "delivered", statedAt: "2026-11-22T10:00:00Z" },
    ]);
    expect(read({ ref: "4711", state: "no", words: "unknown number" })).toEqual([
      { responseId: "4711", event: "permanent_failure", reason: "recipient_rejected", detail: "unknown number" },
    ]);
    expect(read({ ref: "4711", state: "HUH" })).toMatchObject([{ event: "accepted", detail: "HUH: not a documented state" }]);
    expect(() => read({ state: "OK" })).toThrow("ref: is missing");
  });

  it("pull: asks for each message", async () => {
    peer.answers(answerJson(200, { result: { state: "LATER", words: "phone is off" } }));
    expect(receiptsIn(await provider.pull?.ask(["1", "2"], new AbortController().signal))).toMatchObject([
      { responseId: "1", event: "temporary_failure", reason: "recipient_unavailable", detail: "phone is off" },
      { responseId: "2" },
    ]);
    expect(peer.calls.map(({ url }) => url)).toEqual(["/status/1", "/status/2"]);
  });

  it("send: reads an answer that is compressed unasked, and survives one that falsely claims to be", async () => {
    const body = JSON.stringify({ code: 0, data: [{ id: "zipped" }] });
    peer.answers((response) => response.writeHead(200, { "content-encoding": "gzip" }).end(gzipSync(body)));
    expect(await send()).toEqual({ kind: "accepted", responseId: "zipped" });
    peer.answers((response) => response.writeHead(200, { "content-encoding": "gzip" }).end(body));
    expect(await send()).toEqual({ kind: "accepted", responseId: "zipped" });
    peer.answers((response) => response.writeHead(200, { "content-encoding": "gzip" }).end(gzipSync(Buffer.alloc(100_000_000))));
    expect(await send()).toMatchObject({ kind: "ambiguous" });
  });

  const taking = { code: 0, data: [{ id: "read" }] };
  it.each<[string, Readonly<Record<string, string>>, Buffer]>([
    ["with a byte order mark", {}, Buffer.from(`\ufeff${JSON.stringify(taking)}`)],
    ["in UTF-16", {}, Buffer.from(`\ufeff${JSON.stringify(taking)}`, "utf16le")],
    ["in ISO-8859-1", { "content-type": "text/plain; charset=iso-8859-1" }, Buffer.from(JSON.stringify({ ...taking, x: "é" }), "latin1")],
    ["by deflate without a header", { "content-encoding": "deflate" }, deflateRawSync(JSON.stringify(taking))],
    ["compressed twice", { "content-encoding": "gzip, br" }, brotliCompressSync(gzipSync(JSON.stringify(taking)))],
    ["in an encoding that nobody knows", { "content-encoding": "rot13" }, Buffer.from(JSON.stringify(taking))],
  ])("send: reads answers in other encodings: %s", async (_, headers, body) => {
    peer.answers((response) => response.writeHead(200, headers).end(body));
    expect(await send()).toEqual({ kind: "accepted", responseId: "read" });
  });

  it("send, receipt: keep the digits of an id that is a number", async () => {
    peer.answers((response) => response.end('{"code":0,"data":[{"id":12345678901234561003}]}'));
    expect(await send()).toEqual({ kind: "accepted", responseId: "12345678901234561003" });
    const body = Buffer.from('[{"ref":12345678901234561003,"state":"OK"}]');
    const request = callbackRequestOf({ method: "POST", url: "https://carillon.test/", headers: {}, body });
    const reports = receiptsIn(definitionOf("http")?.callbacks?.read(request, optionsOf("http", settings())));
    expect(reports).toMatchObject([{ responseId: "12345678901234561003", event: "delivered" }]);
  });

  it.each(["null", "false", '" "', '""', "[]"])("send: rejects values that are no id: %s", async (id) => {
    peer.answers((response) => response.end(`{"code":0,"data":[{"id":${id}}]}`));
    expect(await send()).toMatchObject({ kind: "ambiguous" });
  });

  it.each(["<html>Under maintenance</html>", "", '{"code": 0, "da', '{"error": "invalid sender"}'])(
    "errors: a 200 is no success if okCodes decide: %j",
    async (body) => {
      const silent = await createProvider("http", "sms", settings({ receipt: null, status: null }));
      peer.answers((response) => response.end(body));
      expect(await send(silent)).toMatchObject({ kind: "ambiguous", detail: expect.stringContaining("there is no code in the answer") });
    },
  );

  it("limit: honours Retry-After", async () => {
    peer.answers(answerJson(200, { code: 88 }, { "retry-after": "9" }));
    expect(await send()).toMatchObject({ kind: "throttled", retryAfterMs: 9_000 });
  });

  it("idempotency: the token belongs to the attempt, so that the provider can recognize a duplicate", async () => {
    await send();
    await send();
    expect(peer.calls.map(({ body }) => JSON.parse(body).ref)).toEqual(["token:1", "token:1"]);
  });

  it("send: builds lists and inner fields from paths, and sends numbers and booleans unchanged", async () => {
    const fields = {
      "messages[0].to": "{{ to }}",
      "messages[0].destinations[0].id": "{{ token }}",
      "messages[0].destinations[1].id": "second",
      "messages[1].to": "+14155550199",
      "options.flash": false,
      "options.validity": 60,
      "data.0": "first",
    };
    await send(await createProvider("http", "sms", settings({ fields })));
    expect(JSON.parse(peer.calls[0]?.body ?? "")).toEqual({
      messages: [{ to: "+14155550100", destinations: [{ id: "token:1" }, { id: "second" }] }, { to: "+14155550199" }],
      options: { flash: false, validity: 60 },
      data: ["first"],
    });
    peer.calls.length = 0;
    await send(await createProvider("http", "sms", settings({ fields: { "[0].to": "{{ to }}" } })));
    expect(JSON.parse(peer.calls[0]?.body ?? "")).toEqual([{ to: "+14155550100" }]);
    peer.calls.length = 0;
    await send(await createProvider("http", "sms", settings({ format: "form", fields: { "messages[0].to": "{{ to }}" } })));
    expect(peer.calls[0]?.body).toBe("messages%5B0%5D.to=%2B14155550100");
  });

  it.each([
    [{ "a[1]": "x" }, "fields: [0]: is missing"],
    [{ a: "x", "a.b": "y" }, "fields: a.b: goes through a field that has a value of its own"],
    [{ "a[0]": "x", "a.b": "y" }, "fields: a.b: makes a list where another field has names"],
    [{ "a..b": "x" }, "fields: a..b: is not a path"],
    [{ "a[x]": "x" }, "fields: a[x]: is not a path"],
    [{ to: "{{ to | nofilter }}" }, "fields.to: undefined filter"],
    [{ to: "{{ to " }, "fields.to: "],
  ])("errors: the configuration rejects invalid fields: %j", (fields, problem) => {
    const options = optionsOf("http", settings({ fields }));
    expect(definitionOf("http")?.missing?.(options)).toEqual([expect.stringContaining(problem)]);
  });

  const callback = (json: unknown, more: object = {}) => ({
    method: "POST",
    url: "/",
    headers: {},
    form: {},
    fields: {},
    json,
    body: Buffer.alloc(0),
    ...more,
  });
  const readWith = (how: object, json: unknown, more: object = {}) =>
    receiptsIn(
      definitionOf("http")?.callbacks?.read(callback(json, more), optionsOf("http", settings({ receipt: { ...receipt, ...how } }))),
    );

  it("receipt: reads lists, at the root or under a path, and states that are numbers or booleans", () => {
    const both = [
      { ref: 1, state: "OK" },
      { ref: "2", state: "NO", words: "blocked" },
    ];
    const expected = [
      { responseId: "1", event: "delivered" },
      { responseId: "2", event: "permanent_failure", reason: "recipient_rejected", detail: "blocked" },
    ];
    expect(readWith({}, both)).toEqual(expected);
    expect(readWith({ list: "results" }, { results: both })).toEqual(expected);
    expect(readWith({ list: "data[0].reports" }, { data: [{ reports: both }] })).toEqual(expected);
    expect(readWith({ list: "result" }, { result: both[0] })).toEqual([expected[0]]);
    expect(readWith({ list: "results" }, { results: [] })).toEqual([]);
    const deep = {
      list: "results",
      id: "message.id",
      state: "status.group[0].ok",
      states: { true: { event: "delivered" }, "5": { event: "delayed" } },
    };
    const results = [
      { message: { id: 7 }, status: { group: [{ ok: true }] } },
      { message: { id: 8 }, status: { group: [{ ok: 5 }] } },
    ];
    expect(readWith(deep, { results })).toEqual([
      { responseId: "7", event: "delivered" },
      { responseId: "8", event: "delayed" },
    ]);
    const flat = {
      id: "id",
      state: "status",
      states: { true: { event: "delivered" }, false: { event: "permanent_failure", reason: "recipient_rejected" } },
    };
    expect(readWith(flat, { id: "a", status: true })).toEqual([{ responseId: "a", event: "delivered" }]);
    expect(readWith(flat, { id: "a", status: false })).toMatchObject([{ event: "permanent_failure" }]);
    expect(readWith(flat, undefined, { fields: { id: "q", status: "true" } })).toEqual([{ responseId: "q", event: "delivered" }]);
  });

  it.each([
    [{ list: "results" }, {}, "results: is not a list"],
    [{ list: "results" }, { results: "none" }, "results: is not a list"],
    [{ list: "results" }, { results: [{ ref: "1", state: "OK" }, { ref: "2" }] }, "results[1].state: is missing"],
    [{}, [{ state: "OK" }], "[0].ref: is missing"],
    [{}, [null], "[0].state: is missing"],
    [{}, { ref: { id: 1 }, state: "OK" }, "ref: is missing"],
    [{}, { ref: "x".repeat(501), state: "OK" }, "ref: is longer than 500 characters"],
    [{ id: "constructor.name" }, { state: "OK" }, "constructor.name: is missing"],
  ])("receipt: keeps an unreadable callback: %j, %j", (how, json, problem) => {
    expect(() => readWith(how, json)).toThrow(problem);
  });

  it.each([
    [200, { code: 17 }, { kind: "permanent_failure", reason: "recipient_rejected" }],
    [200, { code: 5 }, { kind: "permanent_failure", reason: "content_rejected" }],
    [200, { code: 0 }, { kind: "ambiguous" }],
    [500, {}, { kind: "ambiguous" }],
    [429, {}, { kind: "throttled" }],
    [401, {}, { kind: "temporary_failure", reason: "account_rejected" }],
    [404, {}, { kind: "temporary_failure", reason: "provider_unavailable" }],
    [405, {}, { kind: "temporary_failure", reason: "provider_unavailable" }],
    [422, {}, { kind: "permanent_failure", reason: "content_rejected" }],
    [404, { code: 17 }, { kind: "permanent_failure", reason: "recipient_rejected" }],
  ])("errors: maps statuses and codes: %i, %j", async (status, body, expected) => {
    peer.answers(answerJson(status, body));
    expect(await send()).toMatchObject(expected);
  });
});
