import { Button, Group } from "@mantine/core";
import type { ReactNode } from "react";
import type { List } from "../../../http/contract/list.js";
import { type Asked, go } from "../ask.js";
import { Answer, Nothing } from "./note.js";

interface PagesProps<Item> {
  readonly asked: Asked<List<Item>>;
  /** The view's own path, and its query without the cursor. */
  readonly path: string;
  readonly given?: Readonly<Record<string, string | undefined>>;
  /** The cursor of the page shown; null: the first one. */
  readonly cursor: string | null;
  /** Instead of a list without items. */
  readonly empty: ReactNode;
  readonly labels?: readonly [first: string, next: string];
  readonly children: (items: readonly Item[]) => ReactNode;
}

/** One page of a list, with links to the first and the next one. */
export const Pages = <Item,>({
  asked,
  path,
  given = {},
  cursor,
  empty,
  labels: [first, next] = ["First page", "Next page"],
  children,
}: PagesProps<Item>) => (
  <Answer asked={asked}>
    {({ items, cursor: following }) => (
      <div aria-busy={asked.loading}>
        {items.length === 0 ? <Nothing>{cursor === null && following === null ? empty : "This page is empty."}</Nothing> : children(items)}
        {(cursor !== null || following !== null) && (
          <Group mt="md">
            <Button variant="default" disabled={cursor === null} onClick={() => go(path, given)}>
              {first}
            </Button>
            <Button variant="default" disabled={following === null} onClick={() => go(path, { ...given, cursor: following ?? undefined })}>
              {next}
            </Button>
          </Group>
        )}
      </div>
    )}
  </Answer>
);
