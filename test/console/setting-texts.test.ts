import { expect, it } from "vitest";
import { changeOf, textsOf } from "../../console/page/views/tenants/settings/setting-texts.js";

const rates = { requestsPerSecond: 2.5, messagesPerSecond: null, criticalPerSecond: null };
const senders = { email: ["news@shop.example", "@shop.example"], fax: ["1"] };
const stored = { locale: "pt-BR", timeZone: null, quotas: { messagesPerDay: 100 }, rates, senders };
const texts = textsOf(stored, ["email", "sms"]);

it("shows each setting as text, and the senders of all channels", () => {
  expect(texts).toEqual({
    ...{ locale: "pt-BR", timeZone: "", "quotas.messagesPerDay": "100" },
    ...{ "rates.requestsPerSecond": "2.5", "rates.messagesPerSecond": "", "rates.criticalPerSecond": "" },
    ...{ "senders.email": "news@shop.example\n@shop.example", "senders.sms": "", "senders.fax": "1" },
  });
});

it("sends the settings that differ alone, and null for those that were emptied", () => {
  expect(changeOf(texts, texts)).toEqual({});
  const after = {
    ...texts,
    locale: " ",
    "rates.messagesPerSecond": "0.5",
    "rates.requestsPerSecond": "",
    "senders.sms": "SHOP\n\n 12345 ",
  };
  expect(changeOf(texts, after)).toEqual({
    locale: null,
    rates: { requestsPerSecond: null, messagesPerSecond: 0.5 },
    senders: { sms: ["SHOP", "12345"] },
  });
  expect(changeOf(texts, { ...texts, "senders.email": "" })).toEqual({ senders: { email: null } });
});

it("ignores spaces and empty lines around a value", () => {
  const after = { ...texts, "quotas.messagesPerDay": " 100 ", "senders.email": "news@shop.example \n\n@shop.example\n" };
  expect(changeOf(texts, after)).toEqual({});
});

it("leaves a text that is no number to the service", () => {
  expect(changeOf(texts, { ...texts, "quotas.messagesPerDay": "100,000" })).toEqual({ quotas: { messagesPerDay: "100,000" } });
  expect(changeOf(texts, { ...texts, "quotas.messagesPerDay": "-5" })).toEqual({ quotas: { messagesPerDay: -5 } });
});
