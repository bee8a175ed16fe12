import { gzipSync } from "node:zlib";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { readDeliveryLog } from "../../../sinks/providers/push/delivery-log.js";
import { handler } from "../../../sources/lambda/delivery-status.js";
import { type HttpPeer, startHttpPeer } from "../../support/http-peer.js";

/** Log entries in the shapes that the SNS developer guide documents. */
const success = {
  status: "SUCCESS",
  notification: { timestamp: "2026-11-22 23:07:39.54", messageId: "sns-1" },
  delivery: {
    statusCode: 200,
    dwellTimeMs: 65,
    token: "t",
    attempts: 1,
    providerResponse: '{"success":1}',
    destination: "arn:aws:sns:us-east-1:1:endpoint/GCM/app/x",
  },
};
const failure = (statusCode: number, providerResponse: string) => ({
  ...success,
  status: "FAILURE",
  delivery: { ...success.delivery, statusCode, providerResponse },
});

describe("provider sns, delivery status", () => {
  it.each([
    [success, { event: "delivered" }],
    [failure(400, '{"reason":"BadDeviceToken"}'), { event: "permanent_failure", reason: "endpoint_disabled" }],
    [failure(410, '{"reason":"Unregistered"}'), { event: "permanent_failure", reason: "endpoint_disabled" }],
    [failure(413, '{"reason":"PayloadTooLarge"}'), { event: "permanent_failure", reason: "content_too_large" }],
    [failure(403, '{"reason":"ExpiredProviderToken"}'), { event: "temporary_failure", reason: "account_rejected" }],
    [failure(403, '{"reason":"InvalidProviderToken"}'), { event: "temporary_failure", reason: "account_rejected" }],
    [failure(400, '{"reason":"TopicDisallowed"}'), { event: "temporary_failure", reason: "account_rejected" }],
    [failure(400, '{"reason":"IdleTimeout"}'), { event: "temporary_failure", reason: "provider_unavailable" }],
    [failure(429, '{"reason":"TooManyProviderTokenUpdates"}'), { event: "throttled", reason: "provider_throttled" }],
    [failure(404, '{"error":{"details":[{"errorCode":"UNREGISTERED"}]}}'), { event: "permanent_failure", reason: "endpoint_disabled" }],
    [
      failure(401, '{"error":{"details":[{"errorCode":"THIRD_PARTY_AUTH_ERROR"}]}}'),
      { event: "temporary_failure", reason: "account_rejected" },
    ],
    [failure(403, "something else"), { event: "temporary_failure", reason: "account_rejected" }],
    [failure(410, "something else"), { event: "permanent_failure", reason: "endpoint_disabled" }],
    [
      { ...success, status: "FAILURE", delivery: { providerResponse: "no answer" } },
      { event: "temporary_failure", reason: "provider_unavailable" },
    ],
    [failure(429, '{"reason":"TooManyRequests"}'), { event: "throttled", reason: "provider_throttled" }],
    [failure(503, "whatever"), { event: "temporary_failure", reason: "provider_unavailable" }],
    [failure(400, "something else"), { event: "permanent_failure", reason: "recipient_rejected" }],
  ])("receipt: reads log entries: %j", (entry, expected) => {
    expect(readDeliveryLog(entry)).toMatchObject({ providerMessageId: "sns-1", atMs: Date.UTC(2026, 10, 22, 23, 7, 39, 540), ...expected });
  });

  it("receipt: rejects other entries and names the field", () => {
    expect(() => readDeliveryLog({ status: "SUCCESS" })).toThrow("notification");
  });
});

describe("provider sns, the Lambda function", () => {
  let peer: HttpPeer;
  beforeAll(async () => {
    peer = await startHttpPeer((response) => response.writeHead(204).end());
    process.env.CARILLON_CALLBACK_URL = `${peer.url}/v1/callbacks/sns`;
    process.env.CARILLON_CALLBACK_TOKEN = "t0ken";
  });
  afterEach(() => {
    peer.calls.length = 0;
  });
  afterAll(async () => {
    await peer.stop();
    delete process.env.CARILLON_CALLBACK_URL;
    delete process.env.CARILLON_CALLBACK_TOKEN;
  });
  /** Source: CloudWatch Logs user guide, Subscription filters with AWS Lambda. */
  const event = (messages: readonly string[], messageType = "DATA_MESSAGE") => ({
    awslogs: {
      data: gzipSync(
        JSON.stringify({
          messageType,
          owner: "111122223333",
          logGroup: "sns/us-east-1/111122223333/app/GCM/app",
          logStream: "s",
          subscriptionFilters: ["f"],
          logEvents: messages.map((message, index) => ({ id: String(index), timestamp: 1, message })),
        }),
      ).toString("base64"),
    },
  });

  it("receipt: forwards entries in bundles with its token, and skips other lines", async () => {
    const entries = Array.from({ length: 150 }, () => JSON.stringify(success));
    expect(await handler(event([...entries, "START RequestId", "{}"]))).toEqual({ forwarded: 150, ignored: 2 });
    expect(peer.calls.map(({ body }) => JSON.parse(body).length)).toEqual([100, 50]);
    expect(peer.calls[0]?.headers["x-callback-token"]).toBe("t0ken");
    expect(await handler(event([], "CONTROL_MESSAGE"))).toEqual({ forwarded: 0, ignored: 0 });
  });

  it("receipt: fails if Carillon does not accept the entries, so that Lambda retries", async () => {
    peer.answers((response) => response.writeHead(503).end("not now"));
    await expect(handler(event([JSON.stringify(success)]))).rejects.toThrow("503");
  });
});
