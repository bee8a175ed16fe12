import { Group, Radio, Select, Textarea, TextInput } from "@mantine/core";
import { useState } from "react";
import type { TokenAlg } from "../../../../../access/public-key.js";
import { ask } from "../../../ask.js";
import { Dialog } from "../../../parts/dialog.js";
import { errorOf, restOf, useSubmit } from "../../../submit.js";

interface AddTokenKeyProps {
  /** The route of the tenant's token keys. */
  readonly path: string;
  readonly close: () => void;
  readonly added: () => void;
}

const algs = {
  ES256: "elliptic curve P-256",
  ES384: "elliptic curve P-384",
  EdDSA: "Ed25519",
  RS256: "RSA, PKCS #1",
  PS256: "RSA, PSS",
} satisfies Record<TokenAlg, string>;

const shown = ["kid", "alg", "publicKey", "jwksUrl"];

/** A key as the service takes it: PEM as text, and a JSON Web Key as an object. */
const keyOf = (text: string): unknown => {
  if (!text.trim().startsWith("{")) return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
};

type Source = "publicKey" | "jwksUrl";

/** A field that is left empty is left out, so that the service names it if it is required. */
const given = (name: string, text: string): object =>
  text.trim() === "" ? {} : { [name]: name === "publicKey" ? keyOf(text) : text.trim() };

/** Registers a public key, or the URL of a key set, by which Carillon checks tokens of the tenant's users. */
export const AddTokenKey = ({ path, close, added }: AddTokenKeyProps) => {
  const [texts, setTexts] = useState({ kid: "", publicKey: "", jwksUrl: "" });
  const [alg, setAlg] = useState("ES256");
  const [source, setSource] = useState<Source>("publicKey");
  const { busy, problem, submit } = useSubmit();
  const add = (): void =>
    void submit(async () => {
      await ask(path, { method: "POST", body: { ...given("kid", texts.kid), alg, ...given(source, texts[source]) } });
      added();
    });
  const isSet = source === "jwksUrl";
  const error = isSet ? [errorOf(problem, "publicKey"), errorOf(problem, "jwksUrl")].find(Boolean) : errorOf(problem, "publicKey");
  return (
    <Dialog title="Register token key" action="Register" close={close} run={add} busy={busy} problem={restOf(problem, shown)}>
      <TextInput
        label="Key ID"
        description={isSet ? "The kid of a key in the set" : "The kid in the header of tokens. Empty: Carillon chooses one"}
        required={isSet}
        value={texts.kid}
        onChange={(event) => setTexts({ ...texts, kid: event.currentTarget.value })}
        error={errorOf(problem, "kid")}
        autoComplete="off"
        spellCheck={false}
        data-autofocus
      />
      <Select
        label="Algorithm"
        data={Object.entries(algs).map(([value, key]) => ({ value, label: `${value} (${key})` }))}
        value={alg}
        onChange={(to) => setAlg(to ?? alg)}
        allowDeselect={false}
        error={errorOf(problem, "alg")}
      />
      <Radio.Group label="Source of the key" value={source} onChange={(to) => setSource(to as Source)}>
        <Group mt={4}>
          <Radio value="publicKey" label="Public key" />
          <Radio value="jwksUrl" label="Key set" />
        </Group>
      </Radio.Group>
      {isSet ? (
        <TextInput
          type="url"
          label="URL of the key set"
          description="A JSON Web Key Set. Carillon keeps it for ten minutes"
          required
          value={texts.jwksUrl}
          onChange={(event) => setTexts({ ...texts, jwksUrl: event.currentTarget.value })}
          error={error}
          autoComplete="off"
        />
      ) : (
        <Textarea
          label="Public key in PEM or as a JSON Web Key"
          description="Never a private key"
          placeholder="-----BEGIN PUBLIC KEY-----"
          required
          value={texts.publicKey}
          onChange={(event) => setTexts({ ...texts, publicKey: event.currentTarget.value })}
          error={error}
          spellCheck={false}
          autosize
          minRows={4}
          maxRows={12}
        />
      )}
    </Dialog>
  );
};
