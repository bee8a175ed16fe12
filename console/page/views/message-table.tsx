import { Anchor, Table, Text } from "@mantine/core";
import type { MessageView } from "../../../operations/message-view.js";
import { dueMsOf, instantText, spanText } from "../format.js";
import { Scrolls } from "../parts/scrolls.js";
import { StatusBadge } from "../parts/status.js";

/** The explanation of each reason, by its name. */
type Reasons = Readonly<Record<string, string>>;

const MessageRow = ({ message, reasons }: { readonly message: MessageView; readonly reasons: Reasons }) => (
  <Table.Tr>
    <Table.Td style={{ whiteSpace: "nowrap" }}>
      <Anchor href={`#/messages/${encodeURIComponent(message.id)}`}>{instantText(message.acceptedAt)}</Anchor>
    </Table.Td>
    <Table.Td style={{ maxWidth: 260, overflowWrap: "anywhere" }}>{message.to}</Table.Td>
    <Table.Td>
      {message.channel}
      <Text size="xs" c="var(--calm)">
        {message.lane}
        {message.template ? `, ${message.template}` : ""}
      </Text>
    </Table.Td>
    <Table.Td>
      <StatusBadge status={message.status} />
    </Table.Td>
    <Table.Td style={{ minWidth: 240 }}>
      <Text size="sm">{message.reason ? (reasons[message.reason] ?? message.reason) : ""}</Text>
    </Table.Td>
    <Table.Td className="numbers" style={{ whiteSpace: "nowrap" }}>
      {message.finalAt ? spanText(Math.max(0, Date.parse(message.finalAt) - dueMsOf(message))) : "in progress"}
    </Table.Td>
  </Table.Tr>
);

export const MessageTable = ({ messages, reasons }: { readonly messages: readonly MessageView[]; readonly reasons: Reasons }) => (
  <Scrolls label="Messages">
    <Table highlightOnHover>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>Accepted</Table.Th>
          <Table.Th>To</Table.Th>
          <Table.Th>Channel</Table.Th>
          <Table.Th>Status</Table.Th>
          <Table.Th>Reason</Table.Th>
          <Table.Th className="numbers">Duration</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {messages.map((message) => (
          <MessageRow key={message.id} message={message} reasons={reasons} />
        ))}
      </Table.Tbody>
    </Table>
  </Scrolls>
);
