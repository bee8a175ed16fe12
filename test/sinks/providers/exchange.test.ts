import { describe, expect, it } from "vitest";
import type { Provider, SendOutcome } from "../../../processors/provider.js";
import type { DispatchCommand } from "../../../schemas/generated.js";
import { noContent } from "../../../schemas/no-content.js";
import { maskExchange, withExchange } from "../../../sinks/providers/with-exchange.js";

const secret = "s3cret-of-the-account";
const text = 'Your code is "1234", "Ä & Ö"';
const command = { to: "+919812345678", content: { ...noContent, text } } as DispatchCommand;

describe("what is kept of a call", () => {
  it.each([
    ["JSON", JSON.stringify({ to: command.to, body: text, apiKey: secret })],
    ["a form", new URLSearchParams({ To: command.to, Body: text, api_key: secret }).toString()],
    ["an address", `GET https://sms.example/send?to=${encodeURIComponent(command.to)}&text=${encodeURIComponent(text)}&token=${secret}`],
    ["headers", `POST https://sms.example\nAuthorization: Basic ${secret}\napi-key: ${secret}\n\n{"mobile":"919812345678"}`],
  ])("has neither recipient nor content nor secret: %s", (_, exchange) => {
    const masked = maskExchange(exchange, command, (text) => text);
    for (const hidden of [secret, "9812345678", "1234", "Your code"]) expect(masked).not.toContain(hidden);
    expect(masked).toContain("+919***78");
  });

  it("is no longer than a step should be", () => {
    expect(maskExchange("x".repeat(100_000), command, (text) => text).length).toBeLessThan(2_100);
  });

  const provider = (outcome: SendOutcome): Provider => ({
    name: "test",
    channel: "sms",
    send: async (_, { note }) => {
      note?.({ request: "POST /send", response: "400 wrong" });
      return outcome;
    },
    healthCheck: async () => "",
    close: async () => undefined,
  });
  const failure: SendOutcome = { kind: "permanent_failure", reason: "content_rejected", detail: "wrong" };
  const success: SendOutcome = { kind: "accepted", providerMessageId: "r" };
  const context = { idempotencyToken: "m:1" };

  it("is kept of failures, of all, or of none, as configured", async () => {
    const exchange = "POST /send\n→ 400 wrong";
    expect(await withExchange(provider(failure), "failures", (text) => text).send(command, context)).toEqual({ ...failure, exchange });
    expect(await withExchange(provider(success), "failures", (text) => text).send(command, context)).toEqual(success);
    expect(await withExchange(provider(success), "all", (text) => text).send(command, context)).toEqual({ ...success, exchange });
    expect(await withExchange(provider(failure), "none", (text) => text).send(command, context)).toEqual(failure);
  });
});
