import { Button, Group, Paper, Stack } from "@mantine/core";
import type { MessageView } from "../../../operations/message-view.js";
import type { ViewProps } from "../app.js";
import { go, useAsked, withParameters } from "../ask.js";
import { Answer, Heading, Nothing } from "../parts/note.js";
import { MessageSearch, messageFiltersOf } from "./message-search.js";
import { MessageTable } from "./message-table.js";

interface Found {
  readonly messages: readonly MessageView[];
  readonly next: string | null;
}

const everyMs = 5_000;

export const MessagesView = ({ about, query }: ViewProps) => {
  const given = messageFiltersOf(query);
  const after = query.get("after");
  const asked = useAsked<Found>(withParameters("/reports/messages", { ...given, after, limit: 50 }), after ? undefined : everyMs);
  return (
    <Stack>
      <Heading title="Messages" />
      <MessageSearch
        given={given}
        channels={about.channels.map(({ name }) => name)}
        narrow={(change) => go("/messages", { ...given, ...change })}
      />
      <Paper withBorder p="md">
        <Answer asked={asked}>
          {({ messages, next }) =>
            messages.length === 0 ? (
              <Nothing>No messages match. Search needs the complete recipient or ID.</Nothing>
            ) : (
              <>
                <MessageTable messages={messages} reasons={about.reasons} />
                <Group mt="md">
                  {after && (
                    <Button variant="default" onClick={() => go("/messages", given)}>
                      Newest
                    </Button>
                  )}
                  {next && (
                    <Button variant="default" onClick={() => go("/messages", { ...given, after: next })}>
                      Older
                    </Button>
                  )}
                </Group>
              </>
            )
          }
        </Answer>
      </Paper>
    </Stack>
  );
};
