import fc from "fast-check";
import MailComposer from "nodemailer/lib/mail-composer/index.js";
import PostalMime from "postal-mime";
import { describe, expect, it } from "vitest";
import { checkMessage } from "../../client/check-message.js";
import { completeMessage } from "../../client/complete-message.js";
import type { DispatchCommand } from "../../schemas/generated.js";
import { mailOf } from "../../sinks/providers/email/mail-of.js";
import { isWellFormed, nastyText, parameters, timeoutMs } from "./property.js";

const visible = (text: string): string => text.replace(/\s+/g, " ").trim();
/** Text that mail can carry: no unpaired surrogates or control characters. */
const carriable = (text: string): boolean => isWellFormed(text) && !/\p{Cc}/u.test(text.replace(/[\t\r\n]/g, ""));

/** The headers that Carillon's mails may have. */
const ours = new Set([
  "content-transfer-encoding",
  "content-type",
  "date",
  "from",
  "list-unsubscribe",
  "list-unsubscribe-post",
  "message-id",
  "mime-version",
  "reply-to",
  "subject",
  "to",
  "traceparent",
  "x-carillon-message-id",
]);

describe("mail", () => {
  it(
    "read by another library says what was to be said, to that recipient alone, with no header that content has smuggled in",
    async () => {
      const content = fc.record({
        subject: nastyText().filter(carriable),
        text: nastyText(200).filter(carriable),
        html: nastyText(200).filter(carriable),
        attachments: fc.array(
          fc.record({
            filename: nastyText(60).filter((text) => carriable(text) && text.trim() !== "" && !/[\r\n\t]/.test(text)),
            contentType: fc.constantFrom("application/pdf", "text/plain", "application/octet-stream"),
            content: fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
          }),
          { maxLength: 3 },
        ),
        replyTo: fc.option(fc.emailAddress(), { nil: undefined }),
        unsubscribeUrl: fc.option(fc.webUrl({ validSchemes: ["https"], withQueryParameters: true }), { nil: undefined }),
      });
      await fc.assert(
        fc.asyncProperty(fc.emailAddress(), content, async (to, parts) => {
          const { message } = checkMessage({ channel: "email", to, content: parts });
          fc.pre(message !== undefined);
          const command = {
            messageId: "0190",
            attempt: 1,
            from: "sender@example.com",
            to: message.to,
            traceparent: "00-1-1-01",
            content: completeMessage(message, "acme", 0).content,
          } as unknown as DispatchCommand;
          const mime = await new MailComposer(mailOf(command)).compile().build();
          const mail = await PostalMime.parse(mime);
          expect(mail.to?.map(({ address }) => address?.toLowerCase())).toEqual([message.to.toLowerCase()]);
          expect([mail.cc ?? [], mail.bcc ?? []]).toEqual([[], []]);
          expect(visible(mail.subject ?? "")).toBe(visible(parts.subject));
          if (parts.text) expect(visible(mail.text ?? "")).toBe(visible(parts.text));
          expect(mail.attachments.map(({ content: bytes }) => Buffer.from(bytes as ArrayBuffer).toString("base64"))).toEqual(
            parts.attachments.map(({ content: bytes }) => bytes.toString("base64")),
          );
          const unsubscribe = mail.headers.filter(({ key }) => key.startsWith("list-unsubscribe")).map(({ value }) => value.trim());
          expect(unsubscribe.length).toBe(parts.unsubscribeUrl ? 2 : 0);
          const beside = mail.headers.map(({ key }) => key).filter((key) => !ours.has(key));
          expect(beside).toEqual([]);
        }),
        parameters,
      );
    },
    timeoutMs,
  );
});
