import { Button, Group, Paper, Stack } from "@mantine/core";
import type { List } from "../../../http/contract/list.js";
import type { MessageView } from "../../../operations/message-view.js";
import type { ViewProps } from "../app.js";
import { go, useAsked, withParameters } from "../ask.js";
import { Answer, Heading, Nothing } from "../parts/note.js";
import { MessageSearch, messageFiltersOf } from "./message-search.js";
import { MessageTable } from "./message-table.js";

const everyMs = 5_000;

export const MessagesView = ({ about, query }: ViewProps) => {
  const given = messageFiltersOf(query);
  const before = query.get("cursor");
  const asked = useAsked<List<MessageView>>(
    withParameters("/reports/messages", { ...given, cursor: before, limit: 50 }),
    before ? undefined : everyMs,
  );
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
          {({ items, cursor }) =>
            items.length === 0 ? (
              <Nothing>No messages match. Search needs the complete recipient or ID.</Nothing>
            ) : (
              <>
                <MessageTable messages={items} reasons={about.reasons} />
                <Group mt="md">
                  {before && (
                    <Button variant="default" onClick={() => go("/messages", given)}>
                      Newest
                    </Button>
                  )}
                  {cursor && (
                    <Button variant="default" onClick={() => go("/messages", { ...given, cursor })}>
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
