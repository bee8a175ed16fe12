import { Button, Group, Title } from "@mantine/core";
import { useState } from "react";
import type { List } from "../../../../../http/contract/list.js";
import type { TokenKeyView } from "../../../../../operations/tenants/token-key-desk.js";
import { ask, useAsked } from "../../../ask.js";
import { Confirm } from "../../../parts/confirm.js";
import { Answer, Nothing } from "../../../parts/note.js";
import { AddTokenKey } from "./add-token-key.js";
import { TokenKeyTable } from "./token-key-table.js";

/** The keys by which Carillon checks tokens of a tenant's users. */
export const TokenKeys = ({ path }: { readonly path: string }) => {
  const asked = useAsked<List<TokenKeyView>>(path);
  const [opened, setOpened] = useState<"register" | TokenKeyView>();
  const changed = (): void => {
    setOpened(undefined);
    asked.again();
  };
  return (
    <>
      <Group justify="space-between" mb="sm">
        <Title order={2} size="h4">
          Token keys
        </Title>
        <Button variant="default" onClick={() => setOpened("register")}>
          Register token key
        </Button>
      </Group>
      <Answer asked={asked}>
        {({ items }) =>
          items.length === 0 ? (
            <Nothing>This tenant has no token keys. With one, its users and their devices can have tokens of their own.</Nothing>
          ) : (
            <TokenKeyTable keys={items} remove={setOpened} />
          )
        }
      </Answer>
      {opened === "register" && <AddTokenKey path={path} close={() => setOpened(undefined)} added={changed} />}
      {typeof opened === "object" && (
        <Confirm
          title="Remove token key"
          action="Remove"
          close={() => setOpened(undefined)}
          work={async () => {
            await ask(`${path}/${encodeURIComponent(opened.kid)}`, { method: "DELETE" });
            changed();
          }}
        >
          All processes refuse tokens of the key {opened.kid} within 5 seconds.
        </Confirm>
      )}
    </>
  );
};
