import { createHmac, createSign } from "node:crypto";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { deflateRawSync, gzipSync } from "node:zlib";
import { beforeEach, describe, expect, it } from "vitest";
import type { ConfigInput } from "../../../config/schema.js";
import type { Receipt } from "../../../processors/receipt.js";
import type { CarillonError } from "../../../schemas/errors.js";
import { loadConfig } from "../../../service/load-config.js";
import type { CallbackRequest } from "../../../sinks/providers/definition.js";
import { callbackRequestOf } from "../../../sources/callbacks/callback-request.js";
import { createCallbacks } from "../../../sources/callbacks/callbacks.js";
import { createSnsMessages } from "../../../sources/callbacks/sns-message.js";

const fixture = (name: string): string => readFileSync(fileURLToPath(new URL(`fixtures/${name}`, import.meta.url)), "utf8");

const request = (more: Partial<CallbackRequest> = {}): CallbackRequest => {
  const body = more.body ?? Buffer.from('{"id":"k-1","status":"DELIVRD"}');
  return {
    method: "POST",
    url: "https://carillon.test/v1/callbacks/kaleyra",
    headers: {},
    form: {},
    fields: {},
    json: body.length === 0 || String(body).startsWith("id=") ? undefined : JSON.parse(String(body)),
    body,
    ...more,
  };
};

const token = "a token of the test of callbacks";
const secret = "a secret of the test";

const from = { outside: "198.51.100.7", inside: "203.0.113.9", here: "127.0.0.1" };

describe("callbacks of providers", () => {
  const reported: Receipt[] = [];
  const kept: { provider: string; error: CarillonError }[] = [];
  const fetched: string[] = [];
  beforeEach(() => {
    reported.length = 0;
    kept.length = 0;
    fetched.length = 0;
  });
  const sns = createSnsMessages(async (url) => {
    fetched.push(url.href);
    return fixture("test-only-certificate.pem");
  });
  const callbacks = (
    callback: NonNullable<NonNullable<ConfigInput["providers"]>[string]>["callback"] = { addresses: ["127.0.0.0/8"] },
    report?: () => Promise<void>,
  ) =>
    createCallbacks({
      config: loadConfig({
        environment: {},
        overrides: { providers: { kaleyra: { callback }, ses: { topicArns: ["arn:aws:sns:us-east-1:1:events"] } } },
      }),
      channelsOf: (provider) => (provider === "kaleyra" ? ["sms"] : provider === "ses" ? ["email"] : []),
      receive: async ({ name }, _request, readings) => {
        await report?.();
        const receipts = readings.flatMap((one) => (one.kind === "receipt" ? [one.receipt] : []));
        const errors = readings.flatMap((one) => (one.kind === "unreadable" ? [one.error] : []));
        reported.push(...receipts);
        kept.push(...errors.map((error) => ({ provider: name, error })));
        return { receipts: receipts.length, unreadable: errors.length, ignored: readings.length - receipts.length - errors.length };
      },
      sns,
    });
  const status = async (answer: Promise<{ status: number }>): Promise<number> => (await answer).status;

  it("takes nothing without a proof, not even from this machine", async () => {
    for (const address of [from.here, from.outside])
      expect(await callbacks({}).take("kaleyra", request(), address)).toMatchObject({
        status: 401,
        detail: expect.stringContaining("no proof"),
      });
    expect([reported, kept]).toEqual([[], []]);
  });

  it.each([
    ["a page of another site", { origin: "https://evil.test", "sec-fetch-site": "cross-site" }],
    ["an image on a page", { "sec-fetch-site": "cross-site" }],
    ["a page of another port of this machine", { origin: "http://localhost:3000", "sec-fetch-site": "same-site" }],
    ["a page without an origin", { origin: "null" }],
  ])("refuses %s, whatever the address", async (_what, headers) => {
    const byAddress = callbacks({ addresses: ["127.0.0.0/8"] });
    expect(await status(byAddress.take("kaleyra", request(), from.here))).toBe(204);
    expect(await status(byAddress.take("kaleyra", request({ headers }), from.here))).toBe(401);
  });

  it.each([
    ["bytes that are not UTF-8", Buffer.from('{"id":"k-\xe9","status":"DELIVRD"}', "latin1")],
    ["half of a surrogate pair", Buffer.from('{"id":"k-\\ud83d","status":"DELIVRD"}')],
  ])("keeps a callback with %s as unread, naming the field", async (_what, body) => {
    const { method, url, headers } = request();
    const raw = callbackRequestOf({ method, url, headers: { ...headers, "content-type": "application/json" }, body });
    expect(await callbacks().take("kaleyra", raw, from.here)).toMatchObject({
      status: 400,
      detail: expect.stringContaining("id: is not well-formed"),
    });
    expect(reported).toEqual([]);
    expect(kept).toMatchObject([{ provider: "kaleyra", error: { code: "CALLBACK_REFUSED" } }]);
  });

  it.each([
    ["a form in Latin-1", "", "id=k-1&status=DELIVR%E9"],
    ["raw bytes in a form", "", "id=k-1&status=DELIVR\xe9"],
    ["half of a character in a form", "", "id=k-1&status=%C3"],
    ["a surrogate in a form", "", "id=k-1&status=%ED%A0%BD"],
    ["a query in Latin-1", "?status=DELIVR%E9", "id=k-1"],
    ["a name in Latin-1", "", "id=k-1&status=DELIVRD&caf%E9=1"],
  ])("keeps a callback with %s as unread", async (_what, query, form) => {
    const { method, url, headers } = request();
    const type = { ...headers, "content-type": "application/x-www-form-urlencoded" };
    const raw = callbackRequestOf({ method, url: `${url}${query}`, headers: type, body: Buffer.from(form, "latin1") });
    expect(await callbacks().take("kaleyra", raw, from.here)).toMatchObject({
      status: 400,
      detail: expect.stringContaining("not well-formed"),
    });
    expect(reported).toEqual([]);
    expect(kept).toMatchObject([{ provider: "kaleyra", error: { code: "CALLBACK_REFUSED" } }]);
  });

  it("does not take a proxy's address for the provider's", async () => {
    const byAddress = callbacks({ addresses: ["127.0.0.0/8", "10.0.0.0/8", "203.0.113.0/24"] });
    for (const headers of [{ "x-forwarded-for": from.outside }, { forwarded: `for=${from.outside}` }, { via: "1.1 proxy" }]) {
      for (const address of [from.here, "10.1.2.3"])
        expect(await byAddress.take("kaleyra", request({ headers }), address)).toMatchObject({
          status: 401,
          detail: expect.stringContaining("http.trustedProxies"),
        });
      // the provider's own proxy, in front of its servers
      expect(await status(byAddress.take("kaleyra", request({ headers }), from.inside))).toBe(204);
    }
  });

  it.each(["HEAD", "PUT", "DELETE"])("refuses %s", async (method) => {
    expect(await status(callbacks({ token }).take("kaleyra", request({ method, fields: { token } }), from.outside))).toBe(401);
  });

  it("reads only what the signature covers: neither the query, nor a request without a body", async () => {
    const signed = callbacks({ hmac: { secret } });
    const query = "?id=victim&status=DELIVRD";
    const url = `https://carillon.test/v1/callbacks/kaleyra${query}`;
    const sign = (body: string) => ({ "x-signature": createHmac("sha256", secret).update(body).digest("hex") });
    const fields = { id: "victim", status: "DELIVRD" };
    expect(await status(signed.take("kaleyra", request({ url, fields, body: Buffer.from("{}"), headers: sign("{}") }), from.outside))).toBe(
      400,
    );
    const get = request({ method: "GET", url, fields, headers: sign(""), body: Buffer.alloc(0), json: undefined });
    expect(await status(signed.take("kaleyra", get, from.outside))).toBe(401);
    expect(reported).toEqual([]);
    const form = { id: "k-1", status: "DELIVRD" };
    const posted = request({ url, form, fields: { ...fields, ...form }, body: Buffer.from("id=k-1&status=DELIVRD"), json: undefined });
    expect(await status(signed.take("kaleyra", { ...posted, headers: sign("id=k-1&status=DELIVRD") }, from.outside))).toBe(204);
    expect(reported).toEqual([{ responseId: "k-1", event: "delivered" }]);
    // read again from the dead letters, the query is still not trusted
    await expect(signed.reread("kaleyra", request({ url, fields, body: Buffer.from("{}") }))).rejects.toThrow("id: is missing");
  });

  it.each([
    ["a token in the query", { token }, { fields: { token } }, { fields: { token: "guess" } }],
    ["a token in a header", { token }, { headers: { "x-callback-token": token } }, { headers: {} }],
    [
      "an account",
      { username: "u", password: "a password of twenty" },
      { headers: { authorization: `Basic ${Buffer.from("u:a password of twenty").toString("base64")}` } },
      { headers: { authorization: `Basic ${Buffer.from("u:q").toString("base64")}` } },
    ],
    [
      "a signature",
      { hmac: { secret, header: "X-Sign" } },
      { headers: { "x-sign": `sha256=${createHmac("sha256", secret).update('{"id":"k-1","status":"DELIVRD"}').digest("hex")}` } },
      { headers: { "x-sign": createHmac("sha256", "other").update('{"id":"k-1","status":"DELIVRD"}').digest("hex") } },
    ],
  ])("wants %s where that is configured", async (_what, callback, right, wrong) => {
    expect(await status(callbacks(callback).take("kaleyra", request(right), from.outside))).toBe(204);
    expect(await status(callbacks(callback).take("kaleyra", request(wrong), from.here))).toBe(401);
    expect(reported).toHaveLength(1);
  });

  it("wants all that is configured: the address and the token", async () => {
    const both = callbacks({ token, addresses: ["203.0.113.0/24", "2001:db8::/32"] });
    const withToken = request({ fields: { token } });
    expect(await status(both.take("kaleyra", withToken, from.inside))).toBe(204);
    expect(await status(both.take("kaleyra", withToken, "::ffff:203.0.113.9"))).toBe(204);
    expect(await status(both.take("kaleyra", withToken, "2001:db8::1"))).toBe(204);
    expect(await status(both.take("kaleyra", withToken, from.outside))).toBe(401);
    expect(await status(both.take("kaleyra", request(), from.inside))).toBe(401);
  });

  it("keeps what it cannot read, and names the field", async () => {
    const answer = await callbacks().take("kaleyra", request({ body: Buffer.from('{"status":"DELIVRD"}') }), from.here);
    expect(answer).toMatchObject({ status: 400, detail: expect.stringContaining("id: is missing") });
    expect(kept).toMatchObject([{ provider: "kaleyra", error: { code: "CALLBACK_REFUSED" } }]);
  });

  it("reads a form whatever the case and parameters of its media type, and a body with a byte order mark", async () => {
    const raw = { method: "POST", url: "https://carillon.test/v1/callbacks/kaleyra" };
    const form = { "content-type": "Application/X-WWW-Form-URLencoded; Charset=UTF-8" };
    const asForm = callbackRequestOf({ ...raw, headers: form, body: Buffer.from("id=k-1&status=DELIVRD") });
    const asJson = callbackRequestOf({ ...raw, headers: {}, body: Buffer.from('\ufeff{"id":"k-2","status":"DELIVRD"}') });
    expect(await status(callbacks().take("kaleyra", asForm, from.here))).toBe(204);
    expect(await status(callbacks().take("kaleyra", asJson, from.here))).toBe(204);
    expect(reported.map(({ responseId }) => responseId)).toEqual(["k-1", "k-2"]);
  });

  const asJson = '{"id":"k-1","status":"DELIVRD"}';
  const asForm = "id=k-1&status=DELIVRD";
  it.each<[string, string | undefined, string | Buffer, Readonly<Record<string, string>>?]>([
    ["JSON that is labelled as a form, as curl -d does", "application/x-www-form-urlencoded", asJson],
    ["JSON that is labelled as text", "text/plain", asJson],
    ["JSON in UTF-16", "application/json; charset=utf-16", Buffer.from(`\ufeff${asJson}`, "utf16le")],
    ["JSON that is compressed", "application/json", gzipSync(asJson), { "content-encoding": "gzip" }],
    ["a form that is compressed", "application/x-www-form-urlencoded", deflateRawSync(asForm), { "content-encoding": "deflate" }],
    ["a form without a label", undefined, asForm],
    ["a form that is labelled as text", "text/plain", asForm],
    ["a form that is labelled as JSON", "application/json", asForm],
  ])("reads %s", async (_, type, body, more = {}) => {
    const headers = { ...(type ? { "content-type": type } : {}), ...more };
    const url = "https://carillon.test/v1/callbacks/kaleyra";
    const raw = callbackRequestOf({ method: "POST", url, headers, body: Buffer.from(body) });
    expect(await status(callbacks().take("kaleyra", raw, from.here))).toBe(204);
    expect(reported).toMatchObject([{ responseId: "k-1", event: "delivered" }]);
  });

  it.each([
    ["text/xml", '<?xml version="1.0"?><dlr id="k-1"/>'],
    ["multipart/form-data; boundary=b", '--b\r\nContent-Disposition: form-data; name="id"\r\n\r\nk-1\r\n--b--'],
    ["text/html", "a=b"],
  ])("names a body in %s, and keeps it", async (type, body) => {
    const url = "https://carillon.test/v1/callbacks/kaleyra";
    const raw = callbackRequestOf({ method: "POST", url, headers: { "content-type": type }, body: Buffer.from(body) });
    const answer = await callbacks().take("kaleyra", raw, from.here);
    expect(answer).toMatchObject({
      status: 400,
      detail: expect.stringContaining(`body: is neither JSON nor a form (content-type: ${type})`),
    });
    expect(kept).toMatchObject([{ provider: "kaleyra" }]);
  });

  it.each(["constructor", "__proto__", "toString", "hasOwnProperty"])("takes the state %s as one that it does not know", async (state) => {
    const body = Buffer.from(`{"id":"k-1","status":"${state}"}`);
    expect(await status(callbacks().take("kaleyra", request({ body }), from.here))).toBe(204);
    expect(reported).toMatchObject([{ responseId: "k-1", event: "accepted", unknownState: state }]);
  });

  it("asks for raw message delivery to be disabled", async () => {
    const headers = { "x-amz-sns-message-type": "Notification", "x-amz-sns-rawdelivery": "true" };
    const answer = await callbacks().take("ses", request({ headers, body: Buffer.from('{"eventType":"Delivery"}') }), from.outside);
    expect(answer).toMatchObject({ status: 401, detail: expect.stringContaining("disable raw message delivery") });
  });

  it("knows only providers that are in use and report so", async () => {
    for (const name of ["nobody", "smtp", "__proto__", "constructor"])
      expect(await status(callbacks().take(name, request(), from.here))).toBe(404);
  });

  it("has the provider ask again when the log cannot take it now", async () => {
    await expect(callbacks(undefined, () => Promise.reject(new Error("away"))).take("kaleyra", request(), from.here)).rejects.toThrow(
      "away",
    );
    expect(kept).toEqual([]);
  });

  describe("by SNS", () => {
    const event = {
      eventType: "Delivery",
      mail: { messageId: "ses-1", tags: {} },
      delivery: { timestamp: "2026-11-22T10:00:00.000Z", smtpResponse: "250 ok" },
    };
    const message = (more: object = {}) => ({
      Type: "Notification",
      MessageId: "n-1",
      TopicArn: "arn:aws:sns:us-east-1:1:events",
      Message: JSON.stringify(event),
      Timestamp: "2026-11-22T10:00:01.000Z",
      SignatureVersion: "2",
      SigningCertURL: "https://sns.us-east-1.amazonaws.com/cert.pem",
      ...more,
    });
    const sign = (fields: Record<string, unknown>): Record<string, unknown> => {
      const names =
        fields.Type === "Notification"
          ? ["Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"]
          : ["Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"];
      const text = names.filter((name) => fields[name] !== undefined).map((name) => `${name}\n${fields[name]}\n`);
      const algorithm = fields.SignatureVersion === "1" ? "sha1WithRSAEncryption" : "sha256WithRSAEncryption";
      return { ...fields, Signature: createSign(algorithm).update(text.join("")).sign(fixture("test-only-key.pem"), "base64") };
    };
    const post = (json: unknown) =>
      callbacks().take(
        "ses",
        request({ json, headers: { "x-amz-sns-message-type": "Notification" }, body: Buffer.from(JSON.stringify(json)) }),
        from.outside,
      );

    it.each(["1", "2"])("reads what is signed by version %s, and fetches the certificate once", async (SignatureVersion) => {
      expect(await status(post(sign(message({ SignatureVersion }))))).toBe(204);
      expect(await status(post(sign(message({ SignatureVersion }))))).toBe(204);
      expect(reported[0]).toEqual({ responseId: "ses-1", event: "delivered", detail: "250 ok", atMs: Date.UTC(2026, 10, 22, 10) });
      expect(fetched.length).toBeLessThanOrEqual(1);
    });

    it("takes SES events from SNS alone, as soon as topics are configured", async () => {
      const bare = request({ json: event, body: Buffer.from(JSON.stringify(event)) });
      for (const address of [from.here, from.outside])
        expect(await callbacks().take("ses", bare, address)).toMatchObject({ status: 401, detail: expect.stringContaining("SNS") });
      expect([reported, kept]).toEqual([[], []]);
    });

    it("refuses what was changed, what is signed by somebody else's certificate, and other topics", async () => {
      expect(await status(post({ ...sign(message()), Message: JSON.stringify({ ...event, mail: { messageId: "other" } }) }))).toBe(401);
      for (const SigningCertURL of [
        "https://sns.us-east-1.amazonaws.com.evil.test/cert.pem",
        "http://sns.us-east-1.amazonaws.com/cert.pem",
        "https://sns.us-east-1.amazonaws.com:8443/cert.pem",
        "https://evil.test/sns.us-east-1.amazonaws.com",
      ])
        expect(await status(post(sign(message({ SigningCertURL }))))).toBe(401);
      expect(await status(post(sign(message({ TopicArn: "arn:aws:sns:us-east-1:2:other" }))))).toBe(401);
      // a request that is not proven to come from SNS is not stored
      expect([reported, kept]).toEqual([[], []]);
    });

    it("confirms a subscription of a known topic, at SNS alone", async () => {
      const SubscribeURL = "https://sns.us-east-1.amazonaws.com/?Action=ConfirmSubscription&Token=x";
      const asked = message({ Type: "SubscriptionConfirmation", Token: "x", SubscribeURL, Message: "You have chosen to subscribe" });
      expect(await status(post(sign(asked)))).toBe(204);
      expect(fetched.at(-1)).toBe(SubscribeURL);
      expect(await status(post(sign({ ...asked, SubscribeURL: "https://169.254.169.254/" })))).toBe(401);
    });
  });
});
