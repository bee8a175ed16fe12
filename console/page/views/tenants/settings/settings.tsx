import { Text, Title } from "@mantine/core";
import type { SettingsView } from "../../../../../operations/tenants/settings-desk.js";
import type { ViewProps } from "../../../app.js";
import { useAsked } from "../../../ask.js";
import { Facts } from "../../../parts/facts.js";
import { Answer } from "../../../parts/note.js";
import { mayManage } from "../../../places.js";
import { fieldsOf } from "./setting-fields.js";
import { textsOf } from "./setting-texts.js";
import { SettingsForm } from "./settings-form.js";

interface SettingsProps extends Pick<ViewProps, "about" | "session"> {
  /** The tenant's own route. */
  readonly path: string;
  /** After the settings were changed. */
  readonly changed: () => void;
}

/** The settings of a tenant: a form for callers who may change them, and values for others. */
export const Settings = ({ path, about, session, changed }: SettingsProps) => {
  const route = `${path}/settings`;
  const asked = useAsked<SettingsView>(route);
  const channels = about.channels.map(({ name }) => name);
  const editable = mayManage(session);
  return (
    <>
      <Title order={2} size="h4" mb="sm">
        Settings
      </Title>
      {editable && !session.operator && (
        <Text size="sm" mb="sm">
          You can lower limits and remove senders. Only an operator can raise or reset limits, and add or reset senders.
        </Text>
      )}
      <Answer asked={asked}>
        {(settings) => {
          if (editable) return <SettingsForm settings={settings} channels={channels} path={route} saved={changed} />;
          const texts = textsOf(settings, channels);
          return <Facts facts={fieldsOf(texts).map(({ path: of, label }) => [label, texts[of]?.replaceAll("\n", ", ") || "Unset"])} />;
        }}
      </Answer>
    </>
  );
};
