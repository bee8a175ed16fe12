import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Provider } from "../../../processors/provider.js";
import { withDeadline } from "../../../sinks/providers/with-deadline.js";
import { systemClock } from "../../../stores/clock.js";
import { freePort } from "../../servers/shell.js";
import { commandTo, sendContext } from "../../support/commands.js";
import { createProvider } from "../../support/providers.js";

interface Call {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly key: string | string[] | undefined;
  readonly body: Record<string, unknown>;
}

/** A server of the test's own that answers as Kaleyra's documentation says. */
describe("Kaleyra's API", () => {
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

  it("posts one message with key, type, sender and callback, and takes its id", async () => {
    expect(await send()).toEqual({ kind: "accepted", responseId: "k-1" });
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
    [400, { code: "E614", message: "invalid number" }, {}, { kind: "permanent_failure", detail: "400 E614 invalid number" }],
    [401, {}, {}, { kind: "temporary_failure", reason: "account_rejected" }],
    [402, {}, {}, { kind: "temporary_failure", reason: "account_rejected" }],
    [429, {}, { "retry-after": "7" }, { kind: "throttled", reason: "provider_throttled", retryAfterMs: 7_000 }],
    [500, {}, {}, { kind: "ambiguous", reason: "provider_unavailable" }],
    [503, {}, { "retry-after": "3" }, { kind: "temporary_failure", retryAfterMs: 3_000 }],
    [202, { data: [] }, {}, { kind: "permanent_failure", reason: "recipient_rejected" }],
  ])("tells what the answer %s means", async (status, body, headers, expected) => {
    answer = json(status, body, headers as Record<string, string>);
    expect(await send()).toMatchObject(expected);
  });

  it("survives an answer that is not JSON", async () => {
    answer = (response) => response.writeHead(502).end("<html>bad gateway</html>");
    expect(await send()).toMatchObject({ kind: "ambiguous" });
  });

  it("follows no redirect: the key goes nowhere else", async () => {
    answer = (response) => response.writeHead(302, { location: "http://127.0.0.1:1/" }).end();
    expect(await send()).toMatchObject({ kind: "ambiguous" });
  });

  it("is ambiguous when the connection breaks after the request, temporary when there was none", async () => {
    answer = (response) => response.destroy();
    expect(await send()).toMatchObject({ kind: "ambiguous" });
    const nobody = await createProvider("kaleyra", "sms", { url: `http://127.0.0.1:${await freePort()}`, sid: "HX1", apiKey: "k" });
    expect(await nobody.send(commandTo("sms", "+14155550100"), sendContext)).toMatchObject({
      kind: "temporary_failure",
      reason: "provider_unavailable",
    });
  });

  it("is ambiguous when it does not answer in time", async () => {
    answer = () => undefined;
    expect(await withDeadline(provider, 150, systemClock).send(commandTo("sms", "+14155550100"), sendContext)).toMatchObject({
      kind: "ambiguous",
      reason: "provider_timeout",
    });
  });

  it("answers the doctor, who learns of a refused key", async () => {
    answer = json(200, {});
    expect(await provider.check()).toContain("200");
    answer = json(401, {});
    await expect(provider.check()).rejects.toThrow("refuses the credentials");
  });
});
