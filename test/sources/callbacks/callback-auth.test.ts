import { createHmac } from "node:crypto";
import { describe, expect, it } from "vitest";
import { loadConfig } from "../../../service/load-config.js";
import type { CallbackRequest } from "../../../sinks/providers/definition.js";
import { hasProof, provenPart, refuseCallback } from "../../../sources/callbacks/callback-auth.js";

const preset = loadConfig({ environment: {}, overrides: { providers: { own: { type: "sandbox" } } } }).providers.own?.callback;
if (!preset) throw new Error("a provider has settings for its callbacks");
type Auth = typeof preset;

const body = Buffer.from('{"status":"DELIVRD"}');
const request = (more: Partial<CallbackRequest> = {}): CallbackRequest => ({
  method: "POST",
  url: "http://carillon/v1/callbacks/own?token=t",
  json: undefined,
  headers: {},
  fields: {},
  form: {},
  body,
  ...more,
});
const refuse = (auth: Partial<Auth>, more: Partial<CallbackRequest> = {}, address = "203.0.113.7", signed = false) =>
  refuseCallback({ ...preset, ...auth }, { request: request(more), address }, signed);

describe("a callback", () => {
  it("without any proof nobody is believed, unless the provider signs by itself", () => {
    expect(hasProof(preset)).toBe(false);
    expect(refuse({}, {}, "127.0.0.1")).toContain("no callback authentication");
    expect(refuse({}, {}, "127.0.0.1", true)).toBeUndefined();
  });

  it.each<[string, Partial<Auth>, Partial<CallbackRequest>, boolean]>([
    ["the token in a field", { token: "t" }, { fields: { token: "t" } }, true],
    ["the token in a header", { token: "t" }, { headers: { "x-callback-token": "t" } }, true],
    ["a wrong token", { token: "t" }, { fields: { token: "u" } }, false],
    ["no token", { token: "t" }, {}, false],
    ["its account", { username: "u", password: "p" }, { headers: { authorization: `Basic ${btoa("u:p")}` } }, true],
    ["a wrong password", { username: "u", password: "p" }, { headers: { authorization: `Basic ${btoa("u:q")}` } }, false],
    [
      "an account and no token",
      { token: "t", username: "u", password: "p" },
      { headers: { authorization: `Basic ${btoa("u:p")}` } },
      false,
    ],
    ["another method", { token: "t" }, { method: "PUT", fields: { token: "t" } }, false],
    ["a web page's origin", { token: "t" }, { fields: { token: "t" }, headers: { origin: "https://evil.example" } }, false],
    ["a page's own fetch", { token: "t" }, { fields: { token: "t" }, headers: { "sec-fetch-site": "cross-site" } }, false],
  ])("with %s", (_, auth, more, passes) => {
    expect(refuse(auth, more) === undefined).toBe(passes);
  });

  it.each([
    ["203.0.113.7", {}, undefined],
    ["::ffff:203.0.113.7", {}, undefined],
    ["203.0.114.1", {}, "is not one of the provider's addresses"],
    ["2001:db8::1", {}, "is not one of the provider's addresses"],
    ["10.0.0.1", { "x-forwarded-for": "203.0.113.7" }, "is a proxy that is not in http.trustedProxies"],
  ])("from %s with %j: %s", (address, headers, problem) => {
    const refusal = refuse({ addresses: ["203.0.113.0/24"] }, { headers }, address);
    if (problem === undefined) expect(refusal).toBeUndefined();
    else expect(refusal).toContain(problem);
  });

  it("is signed over its body, which a GET does not have", () => {
    const hmac = { header: "x-signature", secret: "s", algorithm: "sha256", encoding: "hex" } as const;
    const signature = createHmac("sha256", "s").update(body).digest("hex");
    const by = (given: string) => ({ headers: { "x-signature": given } });
    expect(refuse({ hmac }, by(signature))).toBeUndefined();
    expect(refuse({ hmac }, by(`sha256=${signature.toUpperCase()}`))).toBeUndefined();
    expect(refuse({ hmac }, by("00"))).toContain("does not match the body");
    expect(refuse({ hmac }, { ...by(signature), body: Buffer.from("{}") })).toContain("does not match the body");
    expect(refuse({ hmac }, { ...by(signature), method: "GET" })).toContain("no body to sign");
    const proven = provenPart({ ...preset, hmac }, request({ fields: { status: "a", query: "b" }, form: { status: "a" } }));
    expect(proven).toMatchObject({ url: "http://carillon/v1/callbacks/own", fields: { status: "a" } });
  });
});
