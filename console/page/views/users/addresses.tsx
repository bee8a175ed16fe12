import { Button, Group, Paper, Table, Title } from "@mantine/core";
import { useState } from "react";
import type { UserView } from "../../../../directory/views.js";
import { ask, withParameters } from "../../ask.js";
import { Confirm } from "../../parts/confirm.js";
import { Nothing } from "../../parts/note.js";
import { Scrolls } from "../../parts/scrolls.js";
import { AddAddress } from "./add-address.js";

interface Address {
  readonly channel: string;
  readonly address: string;
  readonly app?: string;
}

interface AddressesProps {
  readonly user: UserView;
  /** Whether the session may change them. */
  readonly editable: boolean;
  /** The route of the user's addresses. */
  readonly route: string;
  readonly tenant: string | null;
  readonly changed: () => void;
}

/** All addresses of a user, each with its channel. */
const addressesOf = ({ addresses }: UserView): readonly Address[] =>
  Object.entries(addresses).flatMap(([channel, given]) =>
    [given ?? []].flat().map((one) => ({ channel, ...(typeof one === "string" ? { address: one } : one) })),
  );

const AddressTable = ({
  addresses,
  remove,
}: {
  readonly addresses: readonly Address[];
  readonly remove: ((address: Address) => void) | undefined;
}) => (
  <Scrolls label="Addresses">
    <Table>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>Channel</Table.Th>
          <Table.Th>Address</Table.Th>
          <Table.Th>App</Table.Th>
          <Table.Td />
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {addresses.map((one) => (
          <Table.Tr key={`${one.channel} ${one.app ?? ""} ${one.address}`}>
            <Table.Td>{one.channel}</Table.Td>
            <Table.Td className="anywhere" style={{ minWidth: 160 }}>
              {one.address}
            </Table.Td>
            <Table.Td className="anywhere">{one.app ?? "–"}</Table.Td>
            <Table.Td ta="right">
              {remove && (
                <Button size="compact-sm" variant="default" aria-label={`Remove ${one.address}`} onClick={() => remove(one)}>
                  Remove
                </Button>
              )}
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  </Scrolls>
);

/** The addresses and devices of a user. */
export const Addresses = ({ user, editable, route, tenant, changed }: AddressesProps) => {
  const [adding, setAdding] = useState(false);
  const [removing, setRemoving] = useState<Address>();
  const path = withParameters(route, { tenant });
  const found = addressesOf(user);
  const done = (): void => {
    setAdding(false);
    setRemoving(undefined);
    changed();
  };
  return (
    <Paper withBorder p="md">
      <Group justify="space-between" mb="sm">
        <Title order={2} size="h4">
          Addresses and devices
        </Title>
        {editable && (
          <Button variant="default" onClick={() => setAdding(true)}>
            Add address
          </Button>
        )}
      </Group>
      {found.length === 0 ? (
        <Nothing>This user has no addresses.</Nothing>
      ) : (
        <AddressTable addresses={found} remove={editable ? setRemoving : undefined} />
      )}
      {adding && <AddAddress path={path} close={() => setAdding(false)} done={done} />}
      {removing && (
        <Confirm
          title="Remove address"
          action="Remove"
          close={() => setRemoving(undefined)}
          work={async () => {
            await ask(path, { method: "DELETE", body: removing });
            done();
          }}
        >
          {removing.address} no longer belongs to the user.
        </Confirm>
      )}
    </Paper>
  );
};
