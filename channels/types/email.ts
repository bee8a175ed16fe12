import { defineChannel } from "../channel-definition.js";
import { readEmailAddress } from "../email-address.js";
import { readMailbox, writeMailbox } from "../mailbox.js";
import { isRefusal } from "../refusal.js";

const hourMs = 3_600_000;
const sandboxDomain = "sandbox.carillon.test";

export const email = defineChannel({
  label: "email",
  recipient: {
    wanted: "an email address",
    docs: [
      "Email addresses follow RFC 5321 and 6531. Carillon converts domains to A-labels. It rejects address literals, comments, and domains without a dot.",
      "Characters beyond ASCII before the `@` need a mail server that offers SMTPUTF8. With any other server the message fails as `recipient_rejected`. `replyTo` does not allow such characters.",
    ],
    check: (to) => {
      const read = readEmailAddress(to);
      return isRefusal(read) ? read : { to: read.address };
    },
    isDifferentRecipient: (recipient, named) => {
      // the domain may have been converted to A-labels
      if (!/^[\x21-\x7e]+@[\x21-\x7e]+$/.test(named) || /[^\x21-\x7e]|@.*xn--/i.test(recipient + named)) return false;
      return recipient.toLowerCase() !== named.toLowerCase();
    },
  },
  sender: {
    wanted: "an email address with or without a name",
    doc: "one email address with or without a name",
    isNeeded: true,
    hasDomains: true,
    read: (text) => {
      const read = readMailbox(text);
      return isRefusal(read) ? read : { from: writeMailbox(read), identity: read.address, domain: read.domain };
    },
  },
  content: {
    parts: ["subject", "text", "html", "attachments", "replyTo", "unsubscribeUrl"],
    requiresOneOf: ["text", "html"],
    warn: ({ subject }) =>
      subject
        ? []
        : [
            {
              field: "content.subject",
              reason: "invalid_content",
              problem: "is missing",
              fix: "give a subject: many filters distrust mail without one",
            },
          ],
  },
  limits: {},
  options: {},
  defaults: { expiresAfterMs: 24 * hourMs, receiptDeadlineMs: 72 * hourMs, retryBaseMs: 1_000 },
  form: {
    fields: [
      { part: "subject", label: "Subject" },
      { part: "text", label: "Text" },
    ],
    preview: "letter",
  },
  sandbox: {
    example: `flaky@${sandboxDomain}`,
    doc: `email by local part (\`flaky@${sandboxDomain}\`, also \`flaky+anything@…\`)`,
    matches: (to, { name }) => to.endsWith(`@${sandboxDomain}`) && to.split("@")[0]?.split("+")[0] === name,
  },
});
