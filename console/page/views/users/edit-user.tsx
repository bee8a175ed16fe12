import { Textarea, TextInput } from "@mantine/core";
import { type ChangeEvent, useState } from "react";
import type { UserView } from "../../../../directory/views.js";
import { ask, Problem, withParameters } from "../../ask.js";
import { Dialog } from "../../parts/dialog.js";
import { errorOf, restOf, useSubmit } from "../../submit.js";

interface EditUserProps {
  /** Undefined for a new user. */
  readonly user: UserView | undefined;
  readonly tenant: string | null;
  readonly close: () => void;
  readonly done: (id: string) => void;
}

const fields = [
  { name: "id", label: "ID", description: "The user's ID in your system" },
  { name: "addresses.email", label: "Email" },
  { name: "addresses.sms", label: "Phone", description: "For example +14155550100" },
  { name: "locale", label: "Locale", description: "For example en-US" },
  { name: "timeZone", label: "Time zone", description: "For example Europe/Rome" },
] as const;

type Texts = Readonly<Record<(typeof fields)[number]["name"] | "attributes", string>>;

const shown = [...fields.map(({ name }) => name), "attributes"];

const textsOf = (user: UserView | undefined): Texts => ({
  id: user?.id ?? "",
  "addresses.email": user?.addresses.email ?? "",
  "addresses.sms": user?.addresses.sms ?? "",
  locale: user?.locale ?? "",
  timeZone: user?.timeZone ?? "",
  attributes: user?.attributes ? JSON.stringify(user.attributes, null, 2) : "",
});

const attributesOf = (text: string): unknown => {
  if (text.trim() === "") return {};
  try {
    return JSON.parse(text);
  } catch {
    const fault = { field: "attributes", problem: "is not valid JSON", fix: 'give an object such as {"plan": "pro"}' };
    throw new Problem(400, "Bad Request", [], [fault]);
  }
};

/** The request's body. Registered addresses are left out, so that they stay. */
const bodyOf = (texts: Texts): object => {
  const given = Object.fromEntries(
    (["locale", "timeZone"] as const).map((name) => [name, texts[name].trim()]).filter(([, text]) => text !== ""),
  );
  const addresses = { email: texts["addresses.email"].trim() || null, sms: texts["addresses.sms"].trim() || null };
  return { addresses, ...given, attributes: attributesOf(texts.attributes) };
};

/** Creates a user, or changes one unless another caller changed it meanwhile. */
export const EditUser = ({ user, tenant, close, done }: EditUserProps) => {
  const [texts, setTexts] = useState(() => textsOf(user));
  const { busy, problem, submit } = useSubmit();
  const id = texts.id.trim();
  const save = (): void =>
    void submit(async () => {
      const path = withParameters(`/v1/users/${encodeURIComponent(id)}`, { tenant, revision: user?.revision ?? 0 });
      await ask(path, { method: "PUT", body: bodyOf(texts) });
      done(id);
    });
  const changed =
    (name: keyof Texts) =>
    (event: ChangeEvent<HTMLInputElement | HTMLTextAreaElement>): void =>
      setTexts({ ...texts, [name]: event.currentTarget.value });
  return (
    <Dialog
      title={user ? "Edit user" : "Create user"}
      action={user ? "Save" : "Create"}
      close={close}
      run={save}
      busy={busy}
      problem={restOf(problem, shown)}
      disabled={id === ""}
    >
      {fields
        .filter(({ name }) => !user || name !== "id")
        .map(({ name, label, ...more }, index) => (
          <TextInput
            key={name}
            label={label}
            {...more}
            required={name === "id"}
            value={texts[name]}
            onChange={changed(name)}
            error={errorOf(problem, name)}
            autoComplete="off"
            {...(index === 0 ? { "data-autofocus": true } : {})}
          />
        ))}
      <Textarea
        label="Attributes"
        description="A JSON object of texts, numbers, true, false, and lists of texts"
        value={texts.attributes}
        onChange={changed("attributes")}
        error={errorOf(problem, "attributes")}
        autosize
        minRows={2}
        maxRows={12}
      />
    </Dialog>
  );
};
