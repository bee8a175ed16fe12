import { generateKeyPairSync } from "node:crypto";
import { authenticate } from "mailauth";
import PostalMime from "postal-mime";
import { SMTPServer } from "smtp-server";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Provider } from "../../../processors/provider.js";
import { noContent } from "../../../schemas/no-content.js";
import { commandTo, sendContext } from "../../support/commands.js";
import { eventually } from "../../support/eventually.js";
import { bareTools, createProvider } from "../../support/providers.js";

const refusals: Readonly<Record<string, number>> = { "gone@carillon.test": 550, "busy@carillon.test": 451, "full@carillon.test": 452 };

const portOf = (server: { address(): unknown }): number => (server.address() as { port: number }).port;

describe("provider smtp", () => {
  const received: string[] = [];
  let connections = 0;
  let mostConnections = 0;
  let server: SMTPServer;
  let provider: Provider;
  const smtp = (port: number, sendTimeoutMs = 2_000): Promise<Provider> =>
    createProvider("smtp", "email", { host: "127.0.0.1", port, requireTls: false, connections: 2 }, bareTools({ sendTimeoutMs }));

  beforeAll(async () => {
    server = new SMTPServer({
      authOptional: true,
      disabledCommands: ["STARTTLS"],
      onConnect: (_session, callback) => {
        connections += 1;
        mostConnections = Math.max(mostConnections, connections);
        callback();
      },
      onClose: () => {
        connections -= 1;
      },
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

  it("send: submits a mail with both parts, its Message-ID and its trace", async () => {
    const outcome = await provider.send(commandTo("email", "someone@carillon.test"), sendContext);
    expect(outcome).toMatchObject({ kind: "delivered" });
    const mail = received.at(-1) ?? "";
    expect(mail).toMatch(/^From: sender@carillon.test/m);
    expect(mail).toMatch(/^To: someone@carillon.test/m);
    expect(mail).toMatch(/^Subject: =\?UTF-8\?/m);
    expect(mail).toMatch(/^Message-ID: <0190b4d6-0000-7000-8000-000000000001.1@carillon\.test>/m);
    expect(mail).toMatch(/^X-Carillon-Message-ID: 0190b4d6/m);
    expect(mail).toContain("multipart/alternative");
  });

  it.each([
    ["gone@carillon.test", { kind: "permanent_failure", reason: "recipient_rejected" }],
    ["busy@carillon.test", { kind: "temporary_failure", reason: "recipient_unavailable" }],
    ["full@carillon.test", { kind: "temporary_failure", reason: "recipient_unavailable" }],
  ])("errors: maps refusals of the server: %s", async (to, expected) => {
    expect(await provider.send(commandTo("email", to), sendContext)).toMatchObject(expected);
  });

  it("errors: distinguishes rejected content from a rejected recipient", async () => {
    const content = { ...noContent, subject: "s", text: "forbidden" };
    expect(await provider.send(commandTo("email", "a@carillon.test", { content }), sendContext)).toMatchObject({
      kind: "permanent_failure",
      reason: "content_rejected",
    });
  });

  it("send: never reads files or addresses that a message names", async () => {
    const content = { ...noContent, subject: "s", text: "see", html: '<img src="file:///etc/passwd">' };
    await provider.send(commandTo("email", "a@carillon.test", { content }), sendContext);
    expect(received.at(-1)).not.toContain("root:");
  });

  it("errors: is temporary if no server listens: nothing was sent", async () => {
    const nobody = await smtp(1);
    expect(await nobody.send(commandTo("email", "a@carillon.test"), sendContext)).toMatchObject({
      kind: "temporary_failure",
      reason: "provider_unavailable",
    });
    await expect(nobody.healthCheck()).rejects.toThrow();
    await nobody.close();
  });

  it("errors: answers the check of carillon doctor", async () => {
    expect(await provider.healthCheck()).toContain("answers");
  });

  it("send: carries attachments and inline files, a reply address, and one-click unsubscription", async () => {
    const content = {
      ...noContent,
      subject: "s",
      text: "t",
      html: '<img src="cid:logo">',
      attachments: [
        { filename: "Rechnung ü.pdf", contentType: "application/pdf", content: Buffer.from("%PDF-1"), contentId: null },
        { filename: "logo.png", contentType: "image/png", content: Buffer.from([1, 2, 3]), contentId: "logo" },
      ],
      replyTo: "answers@carillon.test",
      unsubscribeUrl: "https://carillon.test/u?m=1",
    };
    await provider.send(commandTo("email", "a@carillon.test", { content }), sendContext);
    const mail = await PostalMime.parse(received.at(-1) ?? "");
    expect(mail.attachments.map(({ filename, mimeType, contentId }) => [filename, mimeType, contentId ?? null])).toEqual([
      ["logo.png", "image/png", "<logo>"],
      ["Rechnung ü.pdf", "application/pdf", null],
    ]);
    expect(mail.replyTo?.[0]?.address).toBe("answers@carillon.test");
    const headers = Object.fromEntries(mail.headers.map(({ key, value }) => [key, value]));
    expect(headers["list-unsubscribe"]).toBe("<https://carillon.test/u?m=1>");
    expect(headers["list-unsubscribe-post"]).toBe("List-Unsubscribe=One-Click");
  });

  it("send: signs with DKIM, including the headers for unsubscribing", async () => {
    const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2_048 });
    const dkim = { domain: "carillon.test", selector: "s1", privateKey: privateKey.export({ type: "pkcs8", format: "pem" }) as string };
    const signing = await createProvider("smtp", "email", { host: "127.0.0.1", port: portOf(server.server), requireTls: false, dkim });
    const content = { ...noContent, subject: "Grüße", text: "t", unsubscribeUrl: "https://carillon.test/u" };
    await signing.send(commandTo("email", "a@carillon.test", { content }), sendContext);
    await signing.close();
    const key = publicKey.export({ type: "spki", format: "der" }).toString("base64");
    const { dkim: checked } = await authenticate(received.at(-1) ?? "", {
      trustReceived: false,
      resolver: async (name: string) => (name === "s1._domainkey.carillon.test" ? [[`v=DKIM1; k=rsa; p=${key}`]] : []),
    });
    expect(checked.results.map(({ status }) => status.result)).toEqual(["pass"]);
    expect(received.at(-1)?.replaceAll(/\s/g, "")).toMatch(/h=[^;]*List-Unsubscribe:List-Unsubscribe-Post/i);
  });

  it("limit: uses at most the configured number of connections at once", async () => {
    const before = received.length;
    await eventually(
      () => connections,
      (open) => open <= 2,
    );
    mostConnections = connections;
    const outcomes = await Promise.all(Array.from({ length: 20 }, () => provider.send(commandTo("email", "a@carillon.test"), sendContext)));
    expect(outcomes.every(({ kind }) => kind === "delivered")).toBe(true);
    expect(received.length - before).toBe(20);
    expect(mostConnections).toBeLessThanOrEqual(2);
  });

  it("idempotency: the Message-ID belongs to the attempt, so that receivers recognize a copy", async () => {
    await provider.send(commandTo("email", "a@carillon.test"), sendContext);
    await provider.send(commandTo("email", "a@carillon.test"), sendContext);
    const ids = received.slice(-2).map((mail) => /^Message-ID: (.*)$/im.exec(mail)?.[1]);
    expect(new Set(ids).size).toBe(1);
  });
});
