import { describe, expect, it } from "vitest";
import { loadConfig } from "../../service/load-config.js";

const problemsOf = (overrides: object): string => {
  try {
    loadConfig({ environment: {}, overrides: { ...overrides } });
    return "";
  } catch (error) {
    return (error as Error).message;
  }
};

describe("the configuration", () => {
  it.each([
    ["channels.email.from", { channels: { email: { from: "no address" } } }],
    ["channels.email.from", { channels: { email: { from: "Shop <shop@example.com>\r\nBcc: victim@example.net" } } }],
    ["channels.sms.from", { channels: { sms: { from: "A\r\nB" } } }],
    ["channels.sms.from", { channels: { sms: { from: "ABCDEFGHIJKLM" } } }],
    ["channels.sms.senders.0.from", { channels: { sms: { senders: [{ from: "Шоп" }] } } }],
    ["channels.email.senders.0.tenant", { channels: { email: { senders: [{ tenant: "a\nb", from: "a@b.example" }] } } }],
    ["channels.email.allowSenders.0.from", { channels: { email: { allowSenders: [{ from: "@no domain" }] } } }],
    ["channels.sms.allowSenders.0.from", { channels: { sms: { allowSenders: [{ from: "@shop.example" }] } } }],
    ["http.apiKeys.0.tenant", { http: { apiKeys: [{ tenant: "a\0b", key: "k".repeat(30) }] } }],
    ["reports.daily.0.to.0", { reports: { daily: [{ name: "a", to: ["a..b@shop.example"] }] } }],
    ["providers.smtp.ehloName", { providers: { smtp: { ehloName: "mail\r\nRSET" } } }],
    ["providers.smtp.messageIdDomain", { providers: { smtp: { messageIdDomain: "a b" } } }],
    ["providers.smpp.systemId", { providers: { smpp: { systemId: "a\0b" } } }],
    ["limits.blockedNumberTypes.0", { limits: { blockedNumberTypes: ["satellite"] } }],
  ])("refuses what is none: %s", (path, overrides) => {
    expect(problemsOf(overrides)).toContain(path);
  });

  it("takes senders with names, numbers, short codes and sender ids", () => {
    const email = { from: "Shop <shop@bücher.example>", allowSenders: [{ tenant: "acme", from: "@acme.example" }, { from: "*" }] };
    const sms = { from: "+14155550100", senders: [{ from: "ACME" }, { from: "12345" }] };
    expect(problemsOf({ channels: { email, sms } })).toBe("");
  });
});
