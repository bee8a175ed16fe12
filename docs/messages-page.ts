import { rulesOf } from "../channels/rules-of.js";
import { type FieldReference, messageFields } from "../client/field-reference.js";
import { channels } from "../schemas/vocabulary.js";

const cell = (text: string): string => text.replaceAll("|", "\\|");

const row = ({ path, required, wanted, doc }: FieldReference): string =>
  `| <a id="${path}"></a>\`${path}\` | ${required ? "yes" : ""} | ${cell(wanted)} | ${cell(doc)} |`;

const rules = channels.map(rulesOf);

const quoted = (names: readonly string[]): string => {
  const [last, ...others] = names.map((name) => `\`${name}\``).reverse();
  return others.length === 0 ? (last ?? "") : `${others.reverse().join(", ")} and ${last}`;
};

/** What each channel carries, a line each. */
const carriedParts = rules.map(({ label, content }) => `${label} ${quoted(content.parts)}`).join(";\n  ");
const recipientDocs = rules.flatMap(({ recipient }) => recipient.docs);
const senderDocs = rules.flatMap(({ sender }) => sender.doc ?? []).join("; ");

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

${recipientDocs.map((doc) => `- ${doc}\n`).join("")}- Each channel carries its own parts of \`content\`: ${carriedParts}.
  Carillon refuses files and addresses of another channel, and warns of its other parts, which it does not send.
- Nothing encodes an attachment of a type \`message/…\`. Its content is ASCII, with lines of at most 998 bytes.
- \`from\` is ${senderDocs}.
- A tenant may name the senders that \`channels.<channel>.from\`, \`senders\` and \`allowSenders\` give it. Carillon answers 403 to any other sender;
  a message that came by Kafka fails as \`sender_not_allowed\`. The name shown with an address is free.
- The tenant \`local\`, to which requests without a key belong, may name any sender: \`tenants.anySender\` lists such tenants.
`;
