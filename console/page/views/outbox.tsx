import { Anchor, Paper, SegmentedControl, SimpleGrid, Stack, Text } from "@mantine/core";
import { useState } from "react";
import type { List } from "../../../http/contract/list.js";
import type { OutboxEntry } from "../../../sinks/outbox.js";
import type { ViewProps } from "../app.js";
import { useAsked } from "../ask.js";
import { instantText } from "../format.js";
import { Answer, Heading, Nothing } from "../parts/note.js";

const everyMs = 3_000;
const mostShown = 20;

const escaped = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

/** A letter as in a mail program. No script runs, and nothing is loaded. */
const letterOf = ({ content }: OutboxEntry): string =>
  content.html ?? `<pre style="font: 15px system-ui, sans-serif; white-space: pre-wrap; color: #111">${escaped(content.text ?? "")}</pre>`;

const Letter = ({ entry }: { readonly entry: OutboxEntry }) => (
  <>
    <Text fw={600}>{entry.content.subject ?? "(no subject)"}</Text>
    <Text size="sm" c="var(--calm)" mb="xs">
      From {entry.from ?? "the default sender"} to {entry.to}
      {entry.content.attachments.length > 0 ? `, attachments: ${entry.content.attachments.map(({ filename }) => filename).join(", ")}` : ""}
    </Text>
    <iframe className="letter" title={`Email to ${entry.to}`} sandbox="" loading="lazy" srcDoc={letterOf(entry)} />
  </>
);

const Phone = ({ entry }: { readonly entry: OutboxEntry }) => (
  <div className="phone">
    <Text size="xs" c="var(--calm)" mb={6}>
      From {entry.from ?? "Carillon"} to {entry.to}
    </Text>
    <div className="bubble">
      {entry.content.title && <Text fw={600}>{entry.content.title}</Text>}
      {entry.content.text}
    </div>
  </div>
);

export const OutboxView = ({ about }: ViewProps) => {
  const [first] = about.channels;
  const [channel, setChannel] = useState(first?.name ?? "");
  const isLetter = about.channels.find(({ name }) => name === channel)?.preview === "letter";
  const asked = useAsked<List<OutboxEntry>>(`/sandbox/outbox/${channel}`, everyMs);
  return (
    <Stack>
      <Heading title="Sandbox outbox">
        <SegmentedControl aria-label="Channel" value={channel} onChange={setChannel} data={about.channels.map(({ name }) => name)} />
      </Heading>
      <Answer asked={asked}>
        {({ items }) =>
          items.length === 0 ? (
            <Nothing>The sandbox has delivered no {channel} messages yet.</Nothing>
          ) : (
            <SimpleGrid cols={{ base: 1, lg: 2 }}>
              {items.slice(0, mostShown).map((entry) => (
                <Paper withBorder p="md" key={`${entry.messageId} ${entry.attempt} ${entry.deliveredAt}`}>
                  {isLetter ? <Letter entry={entry} /> : <Phone entry={entry} />}
                  <Text size="xs" c="var(--calm)" mt="xs">
                    {instantText(entry.deliveredAt)} ·{" "}
                    <Anchor href={`#/messages/${encodeURIComponent(entry.messageId)}`}>View message</Anchor>
                  </Text>
                </Paper>
              ))}
            </SimpleGrid>
          )
        }
      </Answer>
    </Stack>
  );
};
