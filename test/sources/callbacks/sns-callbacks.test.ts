import { createSign } from "node:crypto";
import { describe, expect, it } from "vitest";
import { fixture, from, request, setUpCallbacks, status } from "./callbacks-under-test.js";

describe("callbacks of providers", () => {
  const { callbacks, fetched, kept, reported } = setUpCallbacks();

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
      expect(reported[0]).toEqual({ providerMessageId: "ses-1", event: "delivered", detail: "250 ok", atMs: Date.UTC(2026, 10, 22, 10) });
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
