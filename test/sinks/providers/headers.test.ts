import { generateKeyPairSync } from "node:crypto";
import { createServer } from "node:net";
import { authenticate } from "mailauth";
import MailComposer from "nodemailer/lib/mail-composer/index.js";
import PostalMime from "postal-mime";
import { SMTPServer } from "smtp-server";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { noContent } from "../../../schemas/no-content.js";
import { mailOf } from "../../../sinks/providers/email/mail-of.js";
import { submitsOf } from "../../../sinks/providers/sms/smpp.js";
import { commandTo, sendContext } from "../../support/commands.js";
import { createProvider } from "../../support/providers.js";

const email = (more: object = {}) => commandTo("email", "ann@shop.example", more);
const built = (command: Parameters<typeof mailOf>[0]) => new MailComposer(mailOf(command)).compile().build();
const unsendable = expect.objectContaining({ code: "UNSENDABLE" });
const file = { filename: "a.pdf", contentType: "application/pdf", content: Buffer.from("x"), contentId: null };

/** Messages that reach a provider unchecked, for example from a record of an older version. */
describe("a mail", () => {
  it.each([
    ["without a sender", { from: null }],
    ["from what is no address", { from: "Shop" }],
    ["from an address and a header", { from: "Shop <shop@example.com>\r\nBcc: victim@example.net" }],
    ["from two addresses", { from: "a@b.example, c@d.example" }],
    ["to two addresses", { to: "a@b.example, c@d.example" }],
    ["to an address and a command", { to: "a@b.example>\r\nRCPT TO:<c@d.example" }],
    ["with an id that breaks a line", { messageId: "m\r\nBcc: x@y.example" }],
    ["with a trace that breaks a line", { tracestate: "a=b\r\nBcc: x@y.example" }],
    ["with a subject of two lines", { content: { ...noContent, text: "t", subject: "a\r\nBcc: x@y.example" } }],
    ["with answers to two lines", { content: { ...noContent, text: "t", replyTo: "a@b.example\r\nBcc: x@y.example" } }],
    [
      "with two addresses for unsubscribing",
      { content: { ...noContent, text: "t", unsubscribeUrl: "https://x.test/a>, <mailto:e@f.example" } },
    ],
    ["with a file name of two lines", { content: { ...noContent, text: "t", attachments: [{ ...file, filename: "a\r\nb" }] } }],
    ["with a media type of two lines", { content: { ...noContent, text: "t", attachments: [{ ...file, contentType: "a/b\r\nX: y" }] } }],
    ["with a subject that readers decode", { content: { ...noContent, text: "t", subject: "=?utf-8?q?x?=" } }],
    [
      "with a file name that readers decode",
      { content: { ...noContent, text: "t", attachments: [{ ...file, filename: "=?utf-8?q?x?=" }] } },
    ],
    [
      "with a mail that nothing encodes",
      { content: { ...noContent, text: "t", attachments: [{ ...file, contentType: "message/rfc822", content: Buffer.from("\0") }] } },
    ],
    ["with answers beyond ASCII", { content: { ...noContent, text: "t", replyTo: "ü@y.example" } }],
    ["with a multipart file", { content: { ...noContent, text: "t", attachments: [{ ...file, contentType: "multipart/mixed" }] } }],
    ["with a content id of two lines", { content: { ...noContent, text: "t", attachments: [{ ...file, contentId: "a\r\nb" }] } }],
  ])("%s is not sent", (_what, more) => {
    expect(() => mailOf(email(more))).toThrow(unsendable);
  });

  it("has no line over 998 bytes, whatever the longest texts that are taken", async () => {
    const content = {
      ...noContent,
      subject: "x".repeat(900),
      text: "t",
      replyTo: Array.from({ length: 10 }, (_, index) => `"${"Ann ".repeat(40)}" <ann${index}@shop.example>`).join(", "),
      unsubscribeUrl: `https://x.test/${"a".repeat(885)}`,
      attachments: [{ ...file, filename: `${"ü".repeat(250)}.pdf`, contentId: "c".repeat(255) }],
    };
    const tracestate = Array.from({ length: 31 }, (_, index) => `k${index}=${"v".repeat(255)}`).join(",");
    const mail = await built(email({ from: `${"Ü".repeat(200)} <shop@example.com>`, content, tracestate }));
    const lines = mail.toString().split("\r\n");
    expect(Math.max(...lines.map((text) => Buffer.byteLength(text)))).toBeLessThanOrEqual(998);
    const { headers } = await PostalMime.parse(mail);
    expect(headers.find(({ key }) => key === "tracestate")?.value.replaceAll(/\s/g, "")).toBe(tracestate);
  });

  it("keeps names with commas, quotes and addresses in them names", async () => {
    const from = String.raw`"Doe, \"J\" <x@y.example>" <shop@example.com>`;
    const mail = await PostalMime.parse(
      await built(email({ from, content: { ...noContent, text: "t", replyTo: '"A, B" <a@b.example>, c@d.example' } })),
    );
    expect(mail.from).toMatchObject({ name: 'Doe, "J" <x@y.example>', address: "shop@example.com" });
    expect(mail.replyTo?.map(({ address }) => address)).toEqual(["a@b.example", "c@d.example"]);
  });

  it("names the sender's domain in its Message-ID, or the configured one", () => {
    const command = email({ from: "Shop <shop@bücher.example>", messageId: "m(1)@x" });
    expect(mailOf(command).messageId).toBe("<m%281%29%40x.1@xn--bcher-kva.example>");
    expect(mailOf(command, "mail.shop.example").messageId).toContain("@mail.shop.example>");
  });
});

describe("a mail server", () => {
  const received: { from: string; to: string[]; utf8: boolean; host: string; mail: string }[] = [];
  const serverOf = (offersUtf8: boolean) =>
    new SMTPServer({
      authOptional: true,
      disabledCommands: ["STARTTLS"],
      hideSMTPUTF8: !offersUtf8,
      onData: (stream, session, callback) => {
        const chunks: Buffer[] = [];
        stream.on("data", (chunk: Buffer) => chunks.push(chunk));
        stream.on("end", () => {
          const { mailFrom, rcptTo } = session.envelope;
          const from = mailFrom ? mailFrom.address : "";
          const args = (mailFrom ? mailFrom.args || {} : {}) as Record<string, unknown>;
          const host = String(session.hostNameAppearsAs);
          received.push({
            from,
            to: rcptTo.map(({ address }) => address),
            utf8: "SMTPUTF8" in args,
            host,
            mail: Buffer.concat(chunks).toString(),
          });
          callback(null);
        });
      },
    });
  const [modern, old] = [serverOf(true), serverOf(false)];
  const portOf = ({ server }: SMTPServer): number => (server.address() as { port: number }).port;
  const listen = (server: SMTPServer) => new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  beforeAll(async () => {
    await Promise.all([listen(modern), listen(old)]);
  });
  afterAll(async () => {
    await Promise.all([modern, old].map((server) => new Promise<void>((resolve) => server.close(resolve))));
  });
  const send = async (server: SMTPServer, more: object, options: object = {}) => {
    const provider = await createProvider("smtp", "email", { host: "127.0.0.1", port: portOf(server), requireTls: false, ...options });
    try {
      return await provider.send(email(more), sendContext);
    } finally {
      await provider.close();
    }
  };

  /** The results of verifying a received mail's signature. */
  const signed = async (content: object): Promise<string[]> => {
    const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2_048 });
    const dkim = { domain: "carillon.test", selector: "s1", privateKey: privateKey.export({ type: "pkcs8", format: "pem" }) as string };
    await send(modern, { content }, { dkim });
    const key = publicKey.export({ type: "spki", format: "der" }).toString("base64");
    const { dkim: checked } = await authenticate(received.at(-1)?.mail ?? "", {
      trustReceived: false,
      resolver: async (name: string) => (name === "s1._domainkey.carillon.test" ? [[`v=DKIM1; k=rsa; p=${key}`]] : []),
    });
    return checked.results.map(({ status }) => status.result);
  };

  it("that offers SMTPUTF8 gets a local part beyond ASCII", async () => {
    expect(await send(modern, { to: "δοκιμή@shop.example" })).toMatchObject({ kind: "delivered" });
    expect(received.at(-1)).toMatchObject({ to: ["δοκιμή@shop.example"], utf8: true });
  });

  it("that does not, gets nothing, and the message fails with the reason", async () => {
    const before = received.length;
    expect(await send(old, { to: "δοκιμή@shop.example" })).toMatchObject({ kind: "permanent_failure", reason: "recipient_rejected" });
    expect(await send(old, { from: "δοκιμή@shop.example" })).toMatchObject({ kind: "permanent_failure", reason: "recipient_rejected" });
    expect(received).toHaveLength(before);
  });

  it("that is away leaves such a message to be tried again", async () => {
    const away = createServer();
    await new Promise<void>((resolve) => away.listen(0, "127.0.0.1", resolve));
    const { port } = away.address() as { port: number };
    await new Promise((resolve) => away.close(resolve));
    const provider = await createProvider("smtp", "email", { host: "127.0.0.1", port, requireTls: false });
    expect(await provider.send(email({ to: "δοκιμή@shop.example" }), sendContext)).toMatchObject({ kind: "temporary_failure" });
    await provider.close();
  });

  it("is greeted with the sender's domain, or the configured name", async () => {
    await send(modern, {});
    expect(received.at(-1)?.host).toBe("carillon.test");
    await send(modern, {}, { ehloName: "mail.shop.example" });
    expect(received.at(-1)?.host).toBe("mail.shop.example");
  });

  it("gets the address alone in the envelope, quoted where it must be", async () => {
    await send(modern, { from: "Shop <shop@example.com>" });
    expect(received.at(-1)).toMatchObject({ from: "shop@example.com", to: ["ann@shop.example"], utf8: false });
    expect(mailOf(email({ to: '"ann smith"@shop.example' })).envelope.to).toEqual(['"ann smith"@shop.example']);
  });

  it("gets a signature that holds, of a mail within the mail", async () => {
    const content = Buffer.from("Subject: s\n\nline\n.\nFrom me\r\n");
    const attachments = [{ ...file, contentType: "message/rfc822", content }];
    expect(await signed({ ...noContent, subject: "s", text: "t", attachments })).toEqual(["pass"]);
  });

  it.each(["a\rb", "a\nb\rc\r\nd\n", "\r", "a\r\r\nb", ".\r.\n"])("gets a signature that holds, of the text %j", async (text) => {
    expect(await signed({ ...noContent, subject: "s", text, html: `<p>${text}</p>` })).toEqual(["pass"]);
  });
});
describe("an SMS", () => {
  const sms = (more: object) => commandTo("sms", "+14155550100", { content: { ...noContent, text: "Hi" }, ...more });
  it.each([
    ["a sender that NUL would end", { from: "AC\0ME" }],
    ["a sender of two lines", { from: "A\r\nB" }],
    ["a sender that is too long", { from: "ABCDEFGHIJKL" }],
    ["a recipient that is none", { to: "+1415\0" }],
  ])("with %s is not sent by any provider", async (_what, more) => {
    expect(() => submitsOf(sms(more), 1)).toThrow(unsendable);
    const options = {
      twilio: { url: "http://127.0.0.1:9", accountSid: "AC1", authToken: "secret-for-tests" },
      kaleyra: { url: "http://127.0.0.1:9", sid: "S1", apiKey: "secret-for-tests" },
      http: { url: "http://127.0.0.1:9/send", fields: { to: "{{ to }}", from: "{{ from }}" } },
    };
    for (const [type, settings] of Object.entries(options)) {
      const provider = await createProvider(type, "sms", settings);
      await expect(provider.send(sms(more), sendContext), type).rejects.toThrow(unsendable);
      await provider.close();
    }
  });
});
