import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Provider } from "../../../processors/provider.js";
import type { CallbackRequest } from "../../../sinks/providers/definition.js";
import { definitionOf } from "../../../sinks/providers/registry.js";
import { twilioSignature } from "../../../sinks/providers/sms/twilio.js";
import { commandTo, sendContext } from "../../support/commands.js";
import { answerJson, type HttpPeer, startHttpPeer } from "../../support/http-peer.js";
import { createProvider, optionsOf, receiptsIn } from "../../support/providers.js";

const created = answerJson(201, { sid: "SM1", status: "queued", error_code: null });
const callbackUrl = "https://carillon.test/v1/callbacks/twilio?token=t";

/** A test server that answers according to Twilio's documentation. */
describe("provider twilio", () => {
  let peer: HttpPeer;
  let provider: Provider;
  const settings = () => ({ url: peer.url, accountSid: "AC1", authToken: "secret", callbackUrl });
  beforeAll(async () => {
    peer = await startHttpPeer(created);
    provider = await createProvider("twilio", "sms", settings());
  });
  beforeEach(() => peer.answers(created));
  afterEach(() => {
    peer.calls.length = 0;
  });
  afterAll(() => peer.stop());
  const send = () => provider.send(commandTo("sms", "+14155550100", { from: "+14155550199" }), sendContext);

  it("send: posts a form with account and callback, and reads the message's sid", async () => {
    expect(await send()).toEqual({ kind: "accepted", providerMessageId: "SM1" });
    const [call] = peer.calls;
    expect(call).toMatchObject({ method: "POST", url: "/2010-04-01/Accounts/AC1/Messages.json" });
    expect(call?.headers.authorization).toBe(`Basic ${Buffer.from("AC1:secret").toString("base64")}`);
    expect(Object.fromEntries(new URLSearchParams(call?.body))).toEqual({
      To: "+14155550100",
      From: "+14155550199",
      Body: "Hi there",
      StatusCallback: callbackUrl,
    });
  });

  const callback = (form: Readonly<Record<string, string>>, signature?: string): CallbackRequest => ({
    method: "POST",
    url: "http://inside/v1/callbacks/twilio",
    headers: { "x-twilio-signature": signature ?? twilioSignature({ url: callbackUrl, form }, "secret") },
    form,
    fields: { ...form, token: "t" },
    json: undefined,
    body: Buffer.from(new URLSearchParams(form).toString()),
  });
  const reader = definitionOf("twilio")?.callbacks;

  it.each([
    [
      { MessageSid: "SM1", MessageStatus: "delivered" },
      { providerMessageId: "SM1", event: "delivered" },
    ],
    [
      { MessageSid: "SM1", MessageStatus: "sent" },
      { providerMessageId: "SM1", event: "accepted" },
    ],
    [
      { MessageSid: "SM1", MessageStatus: "undelivered", ErrorCode: "30003" },
      { providerMessageId: "SM1", event: "temporary_failure", reason: "recipient_unavailable", detail: "30003" },
    ],
    [
      { MessageSid: "SM1", MessageStatus: "failed", ErrorCode: "30006" },
      { providerMessageId: "SM1", event: "permanent_failure", reason: "recipient_rejected", detail: "30006" },
    ],
  ])("receipt: reads callbacks: %j", (form, expected) => {
    expect(receiptsIn(reader?.read(callback(form), optionsOf("twilio", settings())))).toEqual([expected]);
  });

  it("receipt: accepts only callbacks that Twilio signed", () => {
    const form = { MessageSid: "SM1", MessageStatus: "delivered" };
    const options = optionsOf("twilio", settings());
    expect(reader?.verify?.(callback(form), options)).toBeUndefined();
    expect(reader?.verify?.(callback(form, "forged"), options)).toContain("X-Twilio-Signature");
    const changed = { ...callback(form), form: { ...form, MessageStatus: "failed" } };
    expect(reader?.verify?.(changed, options)).toContain("does not fit");
    const added = { ...callback(form), url: "http://inside/v1/callbacks/twilio?ErrorCode=30005" };
    expect(reader?.verify?.(added, options)).toContain("the query has fields that callbackUrl does not have");
  });

  it.each([
    ["https://c.test/cb", ["https://c.test/cb", "https://c.test:443/cb"], ["https://c.test:8443/cb", "http://c.test/cb"]],
    ["https://c.test:8443/cb", ["https://c.test:8443/cb", "https://c.test/cb"], ["https://c.test:8444/cb"]],
    ["https://u:p@c.test/cb?b=1&a=2", ["https://u:p@c.test/cb?b=1&a=2", "https://c.test/cb?b=1&a=2"], ["https://c.test/cb"]],
    ["https://c.test/cb#rc=3", ["https://c.test/cb"], ["https://c.test/cb2"]],
    ["https://[2001:db8::1]:8443/cb", ["https://[2001:db8::1]/cb"], ["https://[2001:db8::2]/cb"]],
  ])("receipt: accepts the forms of an address that Twilio signs, and no other: %s", (url, right, wrong) => {
    const form = { MessageSid: "SM1", MessageStatus: "delivered" };
    const options = optionsOf("twilio", { ...settings(), callbackUrl: url });
    const request = (signed: string) => ({ ...callback(form, twilioSignature({ url: signed, form }, "secret")), url });
    for (const one of right) expect(reader?.verify?.(request(one), options), one).toBeUndefined();
    for (const one of wrong) expect(reader?.verify?.(request(one), options), one).toContain("does not fit");
  });

  it.each([
    ["30022", { event: "throttled", reason: "provider_throttled" }],
    ["21601", { event: "permanent_failure", reason: "sender_rejected" }],
    ["21660", { event: "permanent_failure", reason: "sender_rejected" }],
    ["21661", { event: "permanent_failure", reason: "sender_rejected" }],
    ["30034", { event: "permanent_failure", reason: "sender_rejected" }],
    ["30033", { event: "permanent_failure", reason: "sender_rejected" }],
    ["30035", { event: "temporary_failure", reason: "account_rejected" }],
    ["30036", { event: "throttled", reason: "provider_throttled" }],
    ["30037", { event: "temporary_failure", reason: "account_rejected" }],
    ["30040", { event: "permanent_failure", reason: "sender_rejected" }],
    ["30410", { event: "ambiguous", reason: "provider_timeout" }],
    ["30500", { event: "temporary_failure", reason: "provider_unavailable" }],
    ["39999", { event: "temporary_failure", reason: "provider_unavailable" }],
  ])("receipt: blames no recipient for failures with another cause: %s", (ErrorCode, expected) => {
    const form = { MessageSid: "SM1", MessageStatus: "failed", ErrorCode };
    expect(receiptsIn(reader?.read(callback(form), optionsOf("twilio", settings())))).toMatchObject([expected]);
  });

  it.each([
    [{ MessageStatus: "failed" }, { event: "temporary_failure", reason: "provider_unavailable" }],
    [{ MessageStatus: "undelivered" }, { event: "permanent_failure", reason: "recipient_unavailable" }],
    [
      { MessageStatus: "undelivered", ErrorCode: "39999" },
      { event: "permanent_failure", reason: "recipient_unavailable" },
    ],
    [
      { MessageStatus: "undelivered", ErrorCode: "30450" },
      { event: "temporary_failure", reason: "recipient_unavailable" },
    ],
    [
      { MessageStatus: "undelivered", ErrorCode: "30630" },
      { event: "permanent_failure", reason: "recipient_rejected" },
    ],
    [{ MessageStatus: "delivered", ErrorCode: "30018" }, { event: "delivered" }],
    [{ MessageStatus: "delivery_unknown" }, { event: "ambiguous", reason: "outcome_unknown" }],
    [{ MessageStatus: "new_one" }, { event: "accepted", unknownState: "new_one" }],
  ])("receipt: a known code decides, otherwise the status: %j", (form, expected) => {
    expect(receiptsIn(reader?.read(callback({ MessageSid: "SM1", ...form }), optionsOf("twilio", settings())))).toMatchObject([expected]);
  });

  it("receipt: computes signatures as in Twilio's documentation", () => {
    const form = { Digits: "1234", To: "+18005551212", From: "+14158675310", Caller: "+14158675310", CallSid: "CA1234567890ABCDE" };
    expect(twilioSignature({ url: "https://example.com/myapp.php?foo=1&bar=2", form }, "12345")).toBe("L/OH5YylLD5NRKLltdqwSvS0BnU=");
  });

  it("pull: asks for each message", async () => {
    peer.answers((response, { url }) =>
      answerJson(200, url.includes("SM2") ? { sid: "SM2", status: "failed", error_code: 30007 } : { sid: "SM1", status: "delivered" })(
        response,
        {
          method: "GET",
          url,
          headers: {},
          body: "",
        },
      ),
    );
    expect(receiptsIn(await provider.pull?.fetchReceipts(["SM1", "SM2"], new AbortController().signal))).toEqual([
      { providerMessageId: "SM1", event: "delivered" },
      { providerMessageId: "SM2", event: "permanent_failure", reason: "content_rejected", detail: "30007" },
    ]);
  });

  it("pull: goes on where the provider does not know a message any more", async () => {
    peer.answers((response, call) =>
      call.url.includes("SM1")
        ? answerJson(404, { code: 20404 })(response, call)
        : answerJson(200, { sid: "SM2", status: "delivered" })(response, call),
    );
    expect(await provider.pull?.fetchReceipts(["SM1", "SM2"], new AbortController().signal)).toMatchObject([
      { kind: "ignored", reason: "unknown_message" },
      { kind: "receipt", receipt: { providerMessageId: "SM2", event: "delivered" } },
    ]);
  });

  it("limit: honors Retry-After", async () => {
    peer.answers(answerJson(429, { code: 20429, message: "Too Many Requests", status: 429 }, { "retry-after": "3" }));
    expect(await send()).toMatchObject({ kind: "throttled", reason: "provider_throttled", retryAfterMs: 3_000 });
  });

  it.each([
    [400, 21211, { kind: "permanent_failure", reason: "recipient_rejected" }],
    [400, 21610, { kind: "permanent_failure", reason: "recipient_rejected" }],
    [400, 21606, { kind: "permanent_failure", reason: "sender_rejected" }],
    [401, 20003, { kind: "temporary_failure", reason: "account_rejected" }],
    [403, 20005, { kind: "temporary_failure", reason: "account_rejected" }],
    [404, 20404, { kind: "temporary_failure", reason: "account_rejected" }],
    [400, 21617, { kind: "permanent_failure", reason: "content_too_large" }],
    [400, 21701, { kind: "temporary_failure", reason: "account_rejected" }],
    [400, 21703, { kind: "permanent_failure", reason: "sender_rejected" }],
    [429, 63038, { kind: "throttled", reason: "provider_throttled" }],
    [400, 99999, { kind: "permanent_failure", reason: "content_rejected" }],
    [500, 20500, { kind: "ambiguous", reason: "provider_unavailable" }],
    [503, 20503, { kind: "temporary_failure", reason: "provider_unavailable" }],
  ])("errors: maps statuses and codes: %i, %i", async (status, code, expected) => {
    peer.answers(answerJson(status, { code, message: "no", status }));
    expect(await send()).toMatchObject(expected);
  });

  it("errors: reports a rejected token to carillon doctor", async () => {
    expect(await provider.healthCheck()).toContain("Twilio answers");
    peer.answers(answerJson(401, { code: 20003, message: "Authenticate", status: 401 }));
    await expect(provider.healthCheck()).rejects.toThrow("refuses the credentials");
  });
});
