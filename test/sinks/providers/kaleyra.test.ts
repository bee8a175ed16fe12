import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Provider } from "../../../processors/provider.js";
import { withDeadline } from "../../../sinks/providers/with-deadline.js";
import { systemClock } from "../../../stores/clock.js";
import { freePort } from "../../servers/shell.js";
import { commandTo, sendContext } from "../../support/commands.js";
import { createProvider, receiptsIn } from "../../support/providers.js";

interface Call {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly key: string | string[] | undefined;
  readonly body: Record<string, unknown>;
}

/** A test server that answers according to Kaleyra's documentation. */
describe("provider kaleyra", () => {
  const calls: Call[] = [];
  let answer: (response: ServerResponse) => void;
  let server: Server;
  let provider: Provider;
  const json =
    (status: number, body: unknown, headers: Record<string, string> = {}) =>
    (response: ServerResponse) => {
      response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(body));
    };
  const receive = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    let text = "";
    for await (const chunk of request) text += String(chunk);
    calls.push({ method: request.method, url: request.url, key: request.headers["api-key"], body: text ? JSON.parse(text) : {} });
    answer(response);
  };
  beforeAll(async () => {
    server = createServer((request, response) => void receive(request, response));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as { port: number };
    provider = await createProvider("kaleyra", "sms", {
      url: `http://127.0.0.1:${port}/`,
      sid: "HX1",
      apiKey: "secret",
      messageType: "OTP",
      callbackUrl: "https://carillon.test/callback",
    });
  });
  beforeEach(() => {
    calls.length = 0;
    answer = json(202, { data: [{ message_id: "k-1", recipient: "+14155550100" }] });
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });
  const send = () => provider.send(commandTo("sms", "+14155550100", { from: "CARLLN" }), sendContext);

  it("send: posts one message with key, type, sender and callback, and reads its id", async () => {
    expect(await send()).toEqual({ kind: "accepted", providerMessageId: "k-1" });
    expect(calls).toEqual([
      {
        method: "POST",
        url: "/v1/HX1/messages",
        key: "secret",
        body: {
          to: "+14155550100",
          sender: "CARLLN",
          type: "OTP",
          body: "Hi there",
          source: "API",
          ref: "token:1",
          callback: { url: "https://carillon.test/callback" },
        },
      },
    ]);
  });

  it.each([
    ["a gateway's page", "<html>Under maintenance</html>"],
    ["nothing", ""],
    ["JSON that was cut off", '{"data":[{"message_id":"k-'],
    ["JSON without an id", '{"status":"ok"}'],
  ])("errors: is ambiguous if a 200 does not state the outcome: %s", async (_, body) => {
    answer = (response) => response.writeHead(200).end(body);
    expect(await send()).toMatchObject({ kind: "ambiguous", reason: "provider_unavailable" });
  });

  it("errors: reports a rejected recipient if the answer does", async () => {
    answer = json(202, { data: [], error: { "+14155550100": "invalid number" } });
    expect(await send()).toMatchObject({ kind: "permanent_failure", reason: "recipient_rejected" });
  });

  it("send: reads a numeric id with all its digits", async () => {
    answer = (response) => response.writeHead(202).end('{"data":[{"message_id":12345678901234561003}]}');
    expect(await send()).toEqual({ kind: "accepted", providerMessageId: "12345678901234561003" });
  });

  it.each([
    [400, { code: "E614", message: "invalid number" }, {}, { kind: "permanent_failure", detail: "400 E614 invalid number" }],
    [401, {}, {}, { kind: "temporary_failure", reason: "account_rejected" }],
    [402, {}, {}, { kind: "temporary_failure", reason: "account_rejected" }],
    [429, {}, { "retry-after": "7" }, { kind: "throttled", reason: "provider_throttled", retryAfterMs: 7_000 }],
    [500, {}, {}, { kind: "ambiguous", reason: "provider_unavailable" }],
    [503, {}, { "retry-after": "3" }, { kind: "temporary_failure", retryAfterMs: 3_000 }],
    [202, { data: [] }, {}, { kind: "permanent_failure", reason: "recipient_rejected" }],
  ])("errors: maps answers: %s", async (status, body, headers, expected) => {
    answer = json(status, body, headers as Record<string, string>);
    expect(await send()).toMatchObject(expected);
  });

  it("errors: survives an answer that is not JSON", async () => {
    answer = (response) => response.writeHead(502).end("<html>bad gateway</html>");
    expect(await send()).toMatchObject({ kind: "ambiguous" });
  });

  it("send: follows no redirect, so that the key reaches no other host", async () => {
    answer = (response) => response.writeHead(302, { location: "http://127.0.0.1:1/" }).end();
    expect(await send()).toMatchObject({ kind: "permanent_failure", detail: expect.stringContaining("redirects to ") });
  });

  it("errors: is ambiguous if the connection breaks after the request, temporary if there was no connection", async () => {
    answer = (response) => response.destroy();
    expect(await send()).toMatchObject({ kind: "ambiguous" });
    const nobody = await createProvider("kaleyra", "sms", { url: `http://127.0.0.1:${await freePort()}`, sid: "HX1", apiKey: "k" });
    expect(await nobody.send(commandTo("sms", "+14155550100"), sendContext)).toMatchObject({
      kind: "temporary_failure",
      reason: "provider_unavailable",
    });
  });

  it("errors: is ambiguous if no answer comes in time", async () => {
    answer = () => undefined;
    expect(await withDeadline(provider, 150, systemClock).send(commandTo("sms", "+14155550100"), sendContext)).toMatchObject({
      kind: "ambiguous",
      reason: "provider_timeout",
    });
  });

  it("errors: answers the check of carillon doctor, and reports a rejected key", async () => {
    answer = json(200, {});
    expect(await provider.healthCheck()).toContain("200");
    answer = json(401, {});
    await expect(provider.healthCheck()).rejects.toThrow("refuses the credentials");
  });

  it("idempotency: sends the attempt's token as the reference", async () => {
    await send();
    await send();
    expect(calls.map(({ body }) => body.ref)).toEqual(["token:1", "token:1"]);
  });

  it("limit: honors Retry-After", async () => {
    answer = json(429, { code: "E429", message: "slow down" }, { "retry-after": "2" });
    expect(await send()).toMatchObject({ kind: "throttled", retryAfterMs: 2_000 });
  });

  it("pull: asks for several messages by their ids", async () => {
    answer = json(200, {
      data: [
        { message_id: "k-1", status: "DELIVRD" },
        { message_id: "k-2", status: "UNDELIV", error: "absent" },
        { campaign_id: "k-3", status: "UnDelivered", status_details: "MOB-OFF" },
      ],
    });
    expect(receiptsIn(await provider.pull?.fetchReceipts(["k-1", "k-2", "k-3"], new AbortController().signal))).toEqual([
      { providerMessageId: "k-1", event: "delivered" },
      { providerMessageId: "k-2", event: "permanent_failure", reason: "recipient_unavailable", detail: "absent" },
      { providerMessageId: "k-3", event: "temporary_failure", reason: "recipient_unavailable", detail: "MOB-OFF" },
    ]);
    expect(calls[0]).toMatchObject({ method: "GET", url: "/v1/HX1/messages/status?message_ids=k-1,k-2,k-3", key: "secret" });
    answer = json(500, {});
    await expect(provider.pull?.fetchReceipts(["k-1"], new AbortController().signal)).rejects.toThrow("does not report");
  });
});
