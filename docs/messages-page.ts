import { rulesOf } from "../channels/rules-of.js";
import { messageFields } from "../client/field-reference.js";
import type { FieldReference } from "../client/schema-fields.js";
import { mostInBatch } from "../http/batch-result.js";
import { channels } from "../schemas/vocabulary.js";
import { wrapPage } from "./wrap-page.js";

const cell = (text: string): string => text.replaceAll("|", "\\|");

const row = ({ path, required, wanted, doc }: FieldReference): string =>
  `| <a id="${path}"></a>\`${path}\` | ${required ? "yes" : ""} | ${cell(wanted)} | ${cell(doc)} |`;

const rules = channels.map(rulesOf);

const quoted = (names: readonly string[]): string => {
  const [last, ...others] = names.map((name) => `\`${name}\``).reverse();
  return others.length === 0 ? (last ?? "") : `${others.reverse().join(", ")} and ${last}`;
};

/** The parts that each channel carries, a line each. */
const carriedParts = rules.map(({ label, content }) => `- ${label}: ${quoted(content.parts)}`).join("\n");
const recipientDocs = rules.flatMap(({ recipient }) => recipient.docs);
const senderDocs = rules.flatMap(({ sender }) => sender.doc ?? []).join("; ");

/** docs/messages.md, from the schema that checks messages. */
export const messagesPage = (): string =>
  wrapPage(`# Message fields

Generated from \`client/message-input.ts\` by \`npm run generate\`.

This page is for developers who send messages. It lists the fields of \`POST /v1/messages\`, of a line of an import file, and of the
client's \`send\`. A running Carillon serves the list at \`/docs/messages\`, and links to it from each rejected message.

| field | required | type | meaning |
| --- | --- | --- | --- |
${messageFields.map(row).join("\n")}

A message needs \`content\` or a \`template\`. Carillon rejects unknown fields. All sizes count towards \`limits.*\` in the
[configuration](reference.md#configuration).

## Addresses and senders

${recipientDocs.map((doc) => `- ${doc}\n`).join("")}- \`from\` is ${senderDocs}.
- A tenant may use the senders in \`channels.<channel>.from\`, \`senders\` and \`allowSenders\`, or those of its
  [own settings](tenants.md#settings) alone, if it has any for the channel. Carillon answers 403 to any other sender. A message
  over Kafka with such a sender fails as \`sender_not_allowed\`.
- The display name of an address is not restricted.
- The tenants in \`tenants.anySender\` may use any sender. By default these are only \`local\`, the tenant of requests without a key.

## Parts of each channel

Each channel carries its own parts of \`content\`:

${carriedParts}

Carillon rejects files and addresses that belong to another channel. It accepts other parts of another channel with a warning, and does
not send them.

Carillon sends an attachment of a type \`message/…\` without encoding it. Its content must be ASCII, with lines of at most 998 bytes.

## Send to a user

A message can name a user of the directory in \`recipient\`, instead of \`channel\` and \`to\`. Carillon chooses the addresses
([users.md](users.md#send-to-a-user)). With a fallback, it sends on another channel unless the first message arrives in time
([users.md](users.md#fall-back-to-another-channel)).

## Several messages in one request

\`POST /v1/messages/batch\` takes \`{"messages": […]}\` with 1 to ${mostInBatch} messages. It answers 200 with
\`{"results": […]}\`, once all accepted messages are durable. The results are in the order of the messages. A result is
\`{"id": …}\`, with \`warnings\` if there are any, or \`{"errors": […]}\`.

## List messages

\`GET /v1/messages\` lists the tenant's messages, newest first, without their steps. Filter them with \`channel\`, \`status\`,
\`reason\`, \`provider\`, \`lane\`, \`template\`, \`country\`, \`region\`, \`user\`, \`from\` and \`to\`, or find one recipient or id with \`q\`.
The answer is \`{"items": […], "cursor": …}\`. Give \`cursor\` to get the next page; it is null on the last one.

\`\`\`sh
curl 'localhost:8080/v1/messages?status=failed,open&from=-24h&limit=100'
\`\`\`
`);
