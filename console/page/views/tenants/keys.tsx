import { Button, Group, Title } from "@mantine/core";
import { useState } from "react";
import type { List } from "../../../../http/contract/list.js";
import type { IssuedKey, KeyView } from "../../../../operations/tenants/key-desk.js";
import { ask, useAsked } from "../../ask.js";
import { Confirm } from "../../parts/confirm.js";
import { Answer, Nothing } from "../../parts/note.js";
import { Secret } from "../../parts/secret.js";
import { CreateKey } from "./create-key.js";
import { KeyTable } from "./key-table.js";
import { RotateKey } from "./rotate-key.js";

type Opened = { readonly form: "create" } | { readonly form: "rotate" | "revoke"; readonly of: KeyView };

/** The keys of a tenant. A new key is shown once, and is not kept when its window is closed. */
export const Keys = ({ path, grantable }: { readonly path: string; readonly grantable: readonly string[] }) => {
  const asked = useAsked<List<KeyView>>(path);
  const [opened, setOpened] = useState<Opened>();
  const [issued, setIssued] = useState<IssuedKey>();
  const closed = (): void => setOpened(undefined);
  const show = (key: IssuedKey): void => {
    setIssued(key);
    closed();
    asked.again();
  };
  return (
    <>
      <Group justify="space-between" mb="sm">
        <Title order={2} size="h4">
          Keys
        </Title>
        <Button onClick={() => setOpened({ form: "create" })}>Create key</Button>
      </Group>
      <Answer asked={asked}>
        {({ items }) =>
          items.length === 0 ? (
            <Nothing>This tenant has no keys in the store. Keys of http.apiKeys are not listed.</Nothing>
          ) : (
            <KeyTable keys={items} rotate={(of) => setOpened({ form: "rotate", of })} revoke={(of) => setOpened({ form: "revoke", of })} />
          )
        }
      </Answer>
      {opened?.form === "create" && <CreateKey path={path} grantable={grantable} close={closed} created={show} />}
      {opened?.form === "rotate" && <RotateKey path={path} of={opened.of} close={closed} created={show} />}
      {opened?.form === "revoke" && (
        <Confirm
          title={`Revoke ${opened.of.name}`}
          action="Revoke"
          close={closed}
          work={async () => {
            await ask(`${path}/${encodeURIComponent(opened.of.id)}`, { method: "DELETE" });
            closed();
            asked.again();
          }}
        >
          All processes refuse the key {opened.of.id} within 5 seconds. This cannot be undone.
        </Confirm>
      )}
      {issued && <Secret title="The new key" label="Key" value={issued.key} close={() => setIssued(undefined)} />}
    </>
  );
};
