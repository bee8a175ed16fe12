import { createHmac } from "node:crypto";
import { describe, expect, it } from "vitest";
import { from, request, secret, setUpCallbacks, status, token } from "./callbacks-under-test.js";

describe("callbacks of providers", () => {
  const { callbacks, kept, reported } = setUpCallbacks();

  it("takes nothing without a proof, not even from this machine", async () => {
    for (const address of [from.here, from.outside])
      expect(await callbacks({}).take("kaleyra", request(), address)).toMatchObject({
        status: 401,
        detail: expect.stringContaining("no callback authentication"),
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
    expect(reported).toEqual([{ providerMessageId: "k-1", event: "delivered" }]);
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
});
