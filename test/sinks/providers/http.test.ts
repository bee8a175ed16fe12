import { brotliCompressSync, deflateRawSync, gzipSync } from "node:zlib";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Provider } from "../../../processors/provider.js";
import { noContent } from "../../../schemas/no-content.js";
import { definitionOf } from "../../../sinks/providers/registry.js";
import { callbackRequestOf } from "../../../sources/callbacks/callback-request.js";
import { commandTo, sendContext } from "../../support/commands.js";
import { answerJson, type HttpPeer, startHttpPeer } from "../../support/http-peer.js";
import { createProvider, optionsOf, receiptsIn } from "../../support/providers.js";
import { settingsOf } from "./http-settings.js";

/** A provider without any code. */
describe("provider http", () => {
  let peer: HttpPeer;
  let provider: Provider;
  const settings = (more: object = {}) => settingsOf(peer.url, more);
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
    expect(await send()).toEqual({ kind: "accepted", providerMessageId: "4711" });
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
    expect(await send(plain)).toMatchObject({ kind: "delivered", providerMessageId: "abc-1" });
  });

  it("pull: asks for each message", async () => {
    peer.answers(answerJson(200, { result: { state: "LATER", words: "phone is off" } }));
    expect(receiptsIn(await provider.pull?.fetchReceipts(["1", "2"], new AbortController().signal))).toMatchObject([
      { providerMessageId: "1", event: "temporary_failure", reason: "recipient_unavailable", detail: "phone is off" },
      { providerMessageId: "2" },
    ]);
    expect(peer.calls.map(({ url }) => url)).toEqual(["/status/1", "/status/2"]);
  });

  it("pull: goes on where the provider does not know a message any more", async () => {
    peer.answers((response, call) =>
      answerJson(call.url.endsWith("1") ? 410 : 200, { result: { state: "LATER", words: "phone is off" } })(response, call),
    );
    expect(await provider.pull?.fetchReceipts(["1", "2"], new AbortController().signal)).toMatchObject([
      { kind: "ignored", reason: "unknown_message" },
      { kind: "receipt", receipt: { providerMessageId: "2" } },
    ]);
  });

  it("send: reads an answer that is compressed unasked, and survives one that falsely claims to be", async () => {
    const body = JSON.stringify({ code: 0, data: [{ id: "zipped" }] });
    peer.answers((response) => response.writeHead(200, { "content-encoding": "gzip" }).end(gzipSync(body)));
    expect(await send()).toEqual({ kind: "accepted", providerMessageId: "zipped" });
    peer.answers((response) => response.writeHead(200, { "content-encoding": "gzip" }).end(body));
    expect(await send()).toEqual({ kind: "accepted", providerMessageId: "zipped" });
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
    expect(await send()).toEqual({ kind: "accepted", providerMessageId: "read" });
  });

  it("send, receipt: keep the digits of an id that is a number", async () => {
    peer.answers((response) => response.end('{"code":0,"data":[{"id":12345678901234561003}]}'));
    expect(await send()).toEqual({ kind: "accepted", providerMessageId: "12345678901234561003" });
    const body = Buffer.from('[{"ref":12345678901234561003,"state":"OK"}]');
    const request = callbackRequestOf({ method: "POST", url: "https://carillon.test/", headers: {}, body });
    const reports = receiptsIn(definitionOf("http")?.callbacks?.read(request, optionsOf("http", settings())));
    expect(reports).toMatchObject([{ providerMessageId: "12345678901234561003", event: "delivered" }]);
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

  it("limit: honors Retry-After", async () => {
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
