import { createServer, type Server } from "node:net";
import { SMTPServer } from "smtp-server";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Provider } from "../../../processors/provider.js";
import { noContent } from "../../../schemas/no-content.js";
import { withDeadline } from "../../../sinks/providers/with-deadline.js";
import { systemClock } from "../../../stores/clock.js";
import { commandTo, sendContext } from "../../support/commands.js";
import { bareTools, createProvider } from "../../support/providers.js";

const refusals: Readonly<Record<string, number>> = { "gone@carillon.test": 550, "busy@carillon.test": 451, "full@carillon.test": 452 };

const portOf = (server: { address(): unknown }): number => (server.address() as { port: number }).port;

describe("SMTP against a real server", () => {
  const received: string[] = [];
  let server: SMTPServer;
  let provider: Provider;
  const smtp = (port: number, sendTimeoutMs = 2_000): Promise<Provider> =>
    createProvider("smtp", "email", { host: "127.0.0.1", port, requireTls: false, connections: 2 }, bareTools({ sendTimeoutMs }));

  beforeAll(async () => {
    server = new SMTPServer({
      authOptional: true,
      disabledCommands: ["STARTTLS"],
      onRcptTo: ({ address }, _session, callback) => {
        const code = refusals[address];
        callback(code ? Object.assign(new Error("no"), { responseCode: code }) : null);
      },
      onData: (stream, _session, callback) => {
        let mail = "";
        stream.on("data", (chunk: Buffer) => {
          mail += chunk.toString();
        });
        stream.on("end", () => {
          received.push(mail);
          callback(mail.includes("forbidden") ? Object.assign(new Error("spam"), { responseCode: 554 }) : null);
        });
      },
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    provider = await smtp(portOf(server.server));
  });
  afterAll(async () => {
    await provider.close();
    await new Promise<void>((resolve) => server.close(resolve));
  });

  it("hands over a mail with both parts, its message id and its trace", async () => {
    const outcome = await provider.send(commandTo("email", "someone@carillon.test"), sendContext);
    expect(outcome).toMatchObject({ kind: "delivered" });
    const mail = received.at(-1) ?? "";
    expect(mail).toMatch(/^From: sender@carillon.test/m);
    expect(mail).toMatch(/^To: someone@carillon.test/m);
    expect(mail).toMatch(/^Subject: =\?UTF-8\?/m);
    expect(mail).toMatch(/^Message-ID: <0190b4d6-0000-7000-8000-000000000001.1@carillon>/m);
    expect(mail).toMatch(/^X-Carillon-Message-ID: 0190b4d6/m);
    expect(mail).toContain("multipart/alternative");
  });

  it.each([
    ["gone@carillon.test", { kind: "permanent_failure", reason: "recipient_rejected" }],
    ["busy@carillon.test", { kind: "temporary_failure", reason: "recipient_unavailable" }],
    ["full@carillon.test", { kind: "temporary_failure", reason: "recipient_unavailable" }],
  ])("tells what the server's refusal of %s means", async (to, expected) => {
    expect(await provider.send(commandTo("email", to), sendContext)).toMatchObject(expected);
  });

  it("tells refused content from a refused recipient", async () => {
    const content = { ...noContent, subject: "s", text: "forbidden" };
    expect(await provider.send(commandTo("email", "a@carillon.test", { content }), sendContext)).toMatchObject({
      kind: "permanent_failure",
      reason: "content_rejected",
    });
  });

  it("never reads files or addresses that a message names", async () => {
    const content = { ...noContent, subject: "s", text: "see", html: '<img src="file:///etc/passwd">' };
    await provider.send(commandTo("email", "a@carillon.test", { content }), sendContext);
    expect(received.at(-1)).not.toContain("root:");
  });

  it("is temporary when nobody listens: nothing was sent", async () => {
    const nobody = await smtp(1);
    expect(await nobody.send(commandTo("email", "a@carillon.test"), sendContext)).toMatchObject({
      kind: "temporary_failure",
      reason: "provider_unavailable",
    });
    await expect(nobody.check()).rejects.toThrow();
    await nobody.close();
  });

  it("is ambiguous, and back in time, when the server never answers", async () => {
    const silent: Server = createServer(() => undefined);
    await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
    const slow = withDeadline(await smtp(portOf(silent), 5_000), 200, systemClock);
    const begin = Date.now();
    expect(await slow.send(commandTo("email", "a@carillon.test"), sendContext)).toMatchObject({
      kind: "ambiguous",
      reason: "provider_timeout",
    });
    expect(Date.now() - begin).toBeLessThan(1_000);
    await slow.close();
    silent.close();
  });

  it("answers the doctor", async () => {
    expect(await provider.check()).toContain("answers");
  });
});
