import { Checkbox, Stack, TextInput } from "@mantine/core";
import { useState } from "react";
import { allScopes, type Scope, scopes as scopeTexts } from "../../../../access/scopes.js";
import type { IssuedKey } from "../../../../operations/tenants/key-desk.js";
import { ask } from "../../ask.js";
import { Dialog } from "../../parts/dialog.js";
import { errorOf, restOf, useSubmit } from "../../submit.js";

interface CreateKeyProps {
  /** The route of the tenant's keys. */
  readonly path: string;
  /** The scopes that the session has. It cannot grant others. */
  readonly grantable: readonly string[];
  readonly close: () => void;
  readonly created: (key: IssuedKey) => void;
}

const shown = ["name", "scopes", "test", "expiresAt"];
/** What keys whose messages reach the sandbox only can have. */
const ofTestKeys: readonly Scope[] = ["send", "read"];

interface ScopeBoxesProps {
  readonly scopes: string[];
  readonly test: boolean;
  readonly grantable: readonly string[];
  readonly error: string | undefined;
  readonly change: (to: string[]) => void;
}

const ScopeBoxes = ({ scopes, test, grantable, error, change }: ScopeBoxesProps) => (
  <Checkbox.Group label="Scopes" required value={scopes} onChange={change} error={error}>
    <Stack gap={6} mt={4}>
      {allScopes.map((scope) => (
        <Checkbox
          key={scope}
          value={scope}
          label={scope}
          description={scopeTexts[scope]}
          disabled={!grantable.includes(scope) || (test && !ofTestKeys.includes(scope))}
        />
      ))}
    </Stack>
  </Checkbox.Group>
);

/** Creates a key of a tenant. */
export const CreateKey = ({ path, grantable, close, created }: CreateKeyProps) => {
  const [name, setName] = useState("");
  const [scopes, setScopes] = useState<string[]>(() => ["send", "read"].filter((scope) => grantable.includes(scope)));
  const [test, setTest] = useState(false);
  const [expires, setExpires] = useState("");
  const { busy, problem, submit } = useSubmit();
  const create = (): void =>
    void submit(async () => {
      const given = name.trim() === "" ? {} : { name: name.trim() };
      const expiresAt = expires === "" ? null : new Date(expires).toISOString();
      created(await ask<IssuedKey>(path, { method: "POST", body: { ...given, scopes, test, expiresAt } }));
    });
  return (
    <Dialog title="Create key" action="Create" close={close} run={create} busy={busy} problem={restOf(problem, shown)}>
      <TextInput
        label="Name"
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
        error={errorOf(problem, "name")}
        autoComplete="off"
        data-autofocus
      />
      <ScopeBoxes scopes={scopes} test={test} grantable={grantable} error={errorOf(problem, "scopes")} change={setScopes} />
      <Checkbox
        label="Test key"
        description="Its messages reach the sandbox only"
        checked={test}
        onChange={(event) => {
          setTest(event.currentTarget.checked);
          if (event.currentTarget.checked) setScopes(scopes.filter((scope) => ofTestKeys.some((one) => one === scope)));
        }}
        error={errorOf(problem, "test")}
      />
      <TextInput
        type="datetime-local"
        label="Expires"
        description="Empty: never"
        value={expires}
        onChange={(event) => setExpires(event.currentTarget.value)}
        error={errorOf(problem, "expiresAt")}
      />
    </Dialog>
  );
};
