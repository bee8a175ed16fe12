import { type FieldReference, messageFields } from "../client/field-reference.js";

const cell = (text: string): string => text.replaceAll("|", "\\|");

const row = ({ path, required, wanted, doc }: FieldReference): string =>
  `| <a id="${path}"></a>\`${path}\` | ${required ? "yes" : ""} | ${cell(wanted)} | ${cell(doc)} |`;

/** docs/messages.md, from the schema that checks messages. */
export const messagesPage = (): string => `# Fields of a message

Generated from \`client/message-input.ts\` by \`npm run generate\`.

This page lists the fields of \`POST /v1/messages\`, of a line of an import file, and of the client's \`send\`. A running Carillon serves
it at \`/docs/messages\`, and each refused message links to it.

| field | required | takes | meaning |
| --- | --- | --- | --- |
${messageFields.map(row).join("\n")}

A message needs \`content\`, or a \`template\`. Unknown fields are refused. All sizes count towards \`limits.*\` of the
[configuration](reference.md#configuration).

## Addresses and senders

- Email addresses follow RFC 5321 and 6531. Carillon converts domains to A-labels, and refuses address literals, comments, and domains without a dot.
- Characters beyond ASCII before the \`@\` need a mail server that offers SMTPUTF8. Where it does not, the message fails as \`recipient_rejected\`.
  \`replyTo\` takes none.
- Each channel carries its own parts of \`content\`: email \`subject\`, \`text\`, \`html\`, \`attachments\`, \`replyTo\` and \`unsubscribeUrl\`; SMS \`text\`;
  push \`title\`, \`text\` and \`data\`. Carillon refuses files and addresses of another channel, and warns of its other parts, which it does not send.
- Nothing encodes an attachment of a type \`message/…\`. Its content is ASCII, with lines of at most 998 bytes.
- Phone numbers are E.164, with or without spaces and hyphens. \`limits.refuseNumberTypes\` names the types of numbers that get no SMS.
- \`from\` is one email address with or without a name; for SMS a number, a short code of 3 to 8 digits, or a sender id of at most 11 letters and digits.
- A tenant may name the senders that \`channels.<channel>.from\`, \`senders\` and \`allowSenders\` give it. Carillon answers 403 to any other sender;
  a message that came by Kafka fails as \`sender_not_allowed\`. The name shown with an address is free.
- The tenant \`local\`, to which requests without a key belong, may name any sender: \`tenants.anySender\` lists such tenants.
`;
