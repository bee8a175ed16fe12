import { describe, expect, it } from "vitest";
import { smartEncode } from "../../channels/smart-encoding.js";
import { checkMessage } from "../../client/check-message.js";
import { defaultLimits } from "../../client/limits.js";
import { createDeliveryTestDriver } from "../../service/delivery-test-driver.js";
import { requestOf } from "../support/requests.js";

describe("smart encoding", () => {
  it.each([
    ["It\u2019s \u201cyours\u201d", 'It\'s "yours"', 3],
    ["a\u2013b\u2014c\u2026", "a-b-c...", 3],
    ["one\ttwo\u00a0three\u202ffour", "one two three four", 3],
    ["zero\u200bwidth\ufeff", "zerowidth", 2],
    ["plain", "plain", 0],
    ["\u20ac \u00e9 \u00c4", "\u20ac \u00e9 \u00c4", 0],
    ["It\u2019s \u{1f600}", "It\u2019s \u{1f600}", 0],
    ["\u041f\u0440\u0438\u0432\u0435\u0442 \u2014 it\u2019s", "\u041f\u0440\u0438\u0432\u0435\u0442 \u2014 it\u2019s", 0],
    // seventy of them are one part as UCS-2, and two parts with three dots for each
    ["\u2026".repeat(70), "\u2026".repeat(70), 0],
    ["", "", 0],
  ])("makes of %j %j", (text, expected, replaced) => {
    expect(smartEncode(text)).toEqual({ text: expected, replaced });
    // replacing a second time changes nothing
    expect(smartEncode(expected).text).toBe(expected);
  });

  it("counts the parts that are sent", () => {
    const input = { channel: "sms", to: "+14155550100", content: { text: `${"x".repeat(158)}\u2019s` } };
    expect(checkMessage(input).warnings.map(({ problem }) => problem)).toEqual(["is sent and billed as 3 parts (UCS-2)"]);
    expect(checkMessage(input, { ...defaultLimits, smartEncoding: true }).warnings).toEqual([]);
    const long = { ...input, content: { text: `${"x".repeat(1_000)}\u2019` } };
    expect(checkMessage(long).errors.map(({ field }) => field)).toEqual(["content.text"]);
    expect(checkMessage(long, { ...defaultLimits, smartEncoding: true }).errors).toEqual([]);
  });

  it("is off unless it is configured, and shown in the lineage", async () => {
    for (const smartEncoding of [false, true]) {
      const driver = await createDeliveryTestDriver({ channels: { sms: { smartEncoding } } });
      const text = `It\u2019s ${"x".repeat(100)}`;
      const request = requestOf({ channel: "sms", to: "+14155550100", content: { text } }, driver.clock.now());
      await driver.pipe(driver.assembly.families.requests, request);
      await driver.advance(1_000);
      const details = (await driver.lineage(request.id))?.lineage.find(({ stage }) => stage === "enrich")?.details;
      expect(driver.delivered[0]?.content.text).toBe(smartEncoding ? text.replace("\u2019", "'") : text);
      expect(details).toMatchObject(smartEncoding ? { segments: "1", charactersReplaced: "1" } : { segments: "2" });
      expect(details?.charactersReplaced).toBe(smartEncoding ? "1" : undefined);
    }
  });
});
