import fc from "fast-check";
import MailComposer from "nodemailer/lib/mail-composer/index.js";
import PostalMime from "postal-mime";
import { describe, expect, it } from "vitest";
import { checkMessage } from "../../client/check-message.js";
import type { DispatchCommand } from "../../schemas/generated.js";
import { mailOf } from "../../sinks/providers/email/mail-of.js";
import { isWellFormed, nastyText, parameters, timeoutMs } from "./property.js";

const visible = (text: string): string => text.replace(/\s+/g, " ").trim();
/** What mail cannot carry: unpaired surrogates and control characters. */
const carriable = (text: string): boolean => isWellFormed(text) && !/\p{Cc}/u.test(text.replace(/[\t\r\n]/g, ""));

/** What a mail of Carillon's may have for headers. */
const ours = new Set([
  "content-transfer-encoding",
  "content-type",
  "date",
  "from",
  "message-id",
  "mime-version",
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
            content: { subject: parts.subject, text: parts.text, html: parts.html, title: null, data: {} },
          } as unknown as DispatchCommand;
          const mime = await new MailComposer(mailOf(command)).compile().build();
          const mail = await PostalMime.parse(mime);
          expect(mail.to?.map(({ address }) => address?.toLowerCase())).toEqual([message.to.toLowerCase()]);
          expect([mail.cc ?? [], mail.bcc ?? []]).toEqual([[], []]);
          expect(visible(mail.subject ?? "")).toBe(visible(parts.subject));
          if (parts.text) expect(visible(mail.text ?? "")).toBe(visible(parts.text));
          const beside = mail.headers.map(({ key }) => key).filter((key) => !ours.has(key));
          expect(beside).toEqual([]);
        }),
        parameters,
      );
    },
    timeoutMs,
  );
});
