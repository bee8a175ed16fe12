import { describe, expect, it } from "vitest";
import { loadConfig } from "../../service/load-config.js";

/** The problems of a configuration, or an empty text. */
const mistakes = (overrides: object): string => {
  try {
    loadConfig({ environment: {}, overrides: overrides as never });
    return "";
  } catch (error) {
    return (error as Error).message;
  }
};

const key = "acme-0123456789abcdef";
const token = "a token of the test of access";
const proof = { token };
const kaleyra = { sid: "HX1", apiKey: "a key of kaleyra" };
const gateway = { type: "http", url: "https://gateway.test/send", fields: { to: "{{ to }}" } };
const receipt = { id: "id", state: "state", states: { DELIVRD: "delivered" } };
const ses = { configurationSet: "events" };
const sms = (provider: string, options: object) => ({ channels: { sms: { providers: [provider] } }, providers: { [provider]: options } });
const email = (options: object) => ({ channels: { email: { providers: ["ses"], from: "a@carillon.test" } }, providers: { ses: options } });
const push = (options: object) => ({ channels: { push: { providers: ["sns"] } }, providers: { sns: options } });

describe("providers with callbacks", () => {
  it.each([
    ["kaleyra", sms("kaleyra", kaleyra)],
    ["kaleyra on a route", { channels: { sms: { routes: [{ recipient: "+91", providers: ["kaleyra"] }] } }, providers: { kaleyra } }],
    ["gateway", sms("gateway", { ...gateway, receipt })],
    ["ses", email(ses)],
    ["sns", push({ deliveryStatus: true })],
  ])("do not start without a proof: %s", (what, overrides) => {
    const message = mistakes(overrides);
    expect(message).toContain(`providers.${what.split(" ")[0]}.callback: receipts arrive by callbacks without authentication`);
    expect(message).toContain("give callback.token, callback.username with callback.password, callback.hmac, or callback.addresses");
  });

  it.each([
    ["a token", sms("kaleyra", { ...kaleyra, callback: proof })],
    ["an account", sms("kaleyra", { ...kaleyra, callback: { username: "k", password: token } })],
    ["a signature", sms("kaleyra", { ...kaleyra, callback: { hmac: { secret: token } } })],
    ["addresses", sms("kaleyra", { ...kaleyra, callback: { addresses: ["203.0.113.0/24"] } })],
    ["Twilio's own signature", sms("twilio", { accountSid: "AC1", authToken: "a token of twilio" })],
    ["topics, whose messages SNS signs", email({ ...ses, topicArns: ["arn:aws:sns:us-east-1:1:events"] })],
    ["a queue instead of callbacks", email({ ...ses, queueUrl: "https://sqs.test/events" })],
    ["no events at all", email({})],
    ["log groups instead of callbacks", push({ deliveryStatus: true, logGroups: ["sns/app"] })],
    ["no delivery status at all", push({})],
    ["a gateway that reports nothing", sms("gateway", gateway)],
    ["a provider that nobody uses", { providers: { kaleyra } }],
    ["a process that does not listen", { ...sms("kaleyra", kaleyra), http: { enabled: false } }],
    ["the sandbox", {}],
  ])("start with %s", (_what, overrides) => {
    expect(mistakes(overrides)).toBe("");
  });

  it("name half an account, and ranges that prove nothing", () => {
    expect(mistakes(sms("kaleyra", { ...kaleyra, callback: { username: "k" } }))).toContain(
      "providers.kaleyra.callback.password: is missing",
    );
    expect(mistakes(sms("kaleyra", { ...kaleyra, callback: { password: token } }))).toContain(
      "providers.kaleyra.callback.username: is missing",
    );
    for (const range of ["0.0.0.0/0", "::/0", "128.0.0.0/1", "2000::/3"])
      expect(mistakes(sms("kaleyra", { ...kaleyra, callback: { addresses: [range] } })), range).toContain(
        "providers.kaleyra.callback.addresses.0: is too wide to identify the provider",
      );
  });
});

describe("shared secrets", () => {
  const apiKeys = (...keys: readonly string[]) => ({
    http: { apiKeys: keys.map((one, index) => ({ tenant: `tenant-${index}`, key: one })) },
  });

  it.each([
    ["a", "has fewer than 20 characters"],
    ["0123456789abcdefghi", "has fewer than 20 characters"],
    ["aaaaaaaaaaaaaaaaaaaaaaaa", "has fewer than 6 different characters"],
    ["abababababababababababab", "has fewer than 6 different characters"],
    ["a                        ", "has fewer than 6 different characters"],
    ["a key with spaces in it, long", "has spaces or non-ASCII characters"],
    ["schlüssel-0123456789abcdef", "has spaces or non-ASCII characters"],
  ])("are refused where they are easily guessed, as the key %j", (bad, problem) => {
    expect(mistakes(apiKeys(bad))).toContain(`http.apiKeys.0.key: ${problem}`);
    expect(mistakes(apiKeys(bad))).toContain("openssl rand -hex 24");
    expect(mistakes({ ...apiKeys(bad), http: { host: "0.0.0.0", ...apiKeys(bad).http } })).toContain(`http.apiKeys.0.key: ${problem}`);
  });

  it.each(["0.0.0.0", "127.example.com", "127.0.0.1.example.com", "::"])("are needed where the listener is %s", (host) => {
    expect(mistakes({ http: { host } })).toContain("needs at least one key");
  });

  it("of callbacks have the same floor", () => {
    for (const [callback, path] of [
      [{ token: "short" }, "token"],
      [{ username: "k", password: "short" }, "password"],
      [{ hmac: { secret: "short" } }, "hmac.secret"],
    ] as const)
      expect(mistakes(sms("kaleyra", { ...kaleyra, callback }))).toContain(
        `providers.kaleyra.callback.${path}: has fewer than 20 characters`,
      );
  });

  it("are one tenant's alone, whichever roles they have", () => {
    expect(mistakes(apiKeys(key, key))).toContain("http.apiKeys.1.key: equals http.apiKeys.0.key");
    const roles = ["sender", "operator"].map((role) => ({ tenant: "acme", key, role }));
    expect(mistakes({ http: { apiKeys: roles } })).toContain("http.apiKeys.1.key: equals http.apiKeys.0.key");
    expect(mistakes({ ...apiKeys(key), ...sms("kaleyra", { ...kaleyra, callback: { token: key } }) })).toContain(
      "providers.kaleyra.callback.token: equals http.apiKeys.0.key",
    );
    const secret = `whsec_${Buffer.from("a secret of 32 bytes for a test!").toString("base64")}`;
    const hook = { url: "https://shop.test/hook", secret };
    expect(mistakes({ webhooks: { tenants: { acme: hook, other: hook } } })).toContain(
      "webhooks.tenants.other.secret: equals the secret of acme",
    );
    expect(mistakes(apiKeys(key, "other-0123456789abcdef"))).toBe("");
  });

  it("are never printed by what refuses them", () => {
    for (const bad of ["0123456789abcdefghi", "a key with spaces in it, long"]) expect(mistakes(apiKeys(bad))).not.toContain(bad);
    expect(mistakes(apiKeys(key, key))).not.toContain(key);
  });
});
