import { deflateRawSync, gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { callbackRequestOf } from "../../../sources/callbacks/callback-request.js";
import { from, request, setUpCallbacks, status } from "./callbacks-under-test.js";

describe("callbacks of providers", () => {
  const { callbacks, kept, reported } = setUpCallbacks();

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

  it("reads a form whatever the case and parameters of its media type, and a body with a byte order mark", async () => {
    const raw = { method: "POST", url: "https://carillon.test/v1/callbacks/kaleyra" };
    const form = { "content-type": "Application/X-WWW-Form-URLencoded; Charset=UTF-8" };
    const asForm = callbackRequestOf({ ...raw, headers: form, body: Buffer.from("id=k-1&status=DELIVRD") });
    const asJson = callbackRequestOf({ ...raw, headers: {}, body: Buffer.from('\ufeff{"id":"k-2","status":"DELIVRD"}') });
    expect(await status(callbacks().take("kaleyra", asForm, from.here))).toBe(204);
    expect(await status(callbacks().take("kaleyra", asJson, from.here))).toBe(204);
    expect(reported.map(({ providerMessageId }) => providerMessageId)).toEqual(["k-1", "k-2"]);
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
    expect(reported).toMatchObject([{ providerMessageId: "k-1", event: "delivered" }]);
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
    expect(reported).toMatchObject([{ providerMessageId: "k-1", event: "accepted", unknownState: state }]);
  });
});
