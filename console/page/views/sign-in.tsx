import { Alert, Button, Center, Divider, Paper, PasswordInput, Stack, Text, Title } from "@mantine/core";
import { type FormEvent, useState } from "react";
import type { SessionView } from "../../../http/console/views.js";
import { ask } from "../ask.js";
import { ProblemNote } from "../parts/note.js";
import { useSubmit } from "../submit.js";

/** Why the sign-in at the OpenID provider failed, in the address to which it returns. */
const failures: Readonly<Record<string, string>> = {
  forbidden: "This account may not use the console. An operator grants access in http.oidc.grants.",
  refused: "The sign-in was not completed. Try again.",
};

const failureOf = (search: string): string | undefined => failures[new URLSearchParams(search).get("sign-in") ?? ""];

const AtProvider = () => {
  const failure = failureOf(window.location.search);
  return (
    <>
      {failure && <Alert color="red" title={failure} role="alert" />}
      <Button component="a" href="/console/api/oidc" variant="default">
        Sign in with your account
      </Button>
      <Divider label="or" />
    </>
  );
};

export const SignInView = ({ session, signedIn }: { readonly session: SessionView; readonly signedIn: () => void }) => {
  const [key, setKey] = useState("");
  const { busy, problem, submit } = useSubmit();
  const signIn = (event: FormEvent): void => {
    event.preventDefault();
    void submit(async () => {
      await ask("/console/api/session", { method: "POST", body: { key } });
      signedIn();
    });
  };
  return (
    <Center mih="90vh" p="md" component="main">
      <Paper withBorder p="xl" w={380} component="form" onSubmit={signIn}>
        <Stack>
          <Title order={1} size="h2">
            Carillon
          </Title>
          {session.byOidc && <AtProvider />}
          {session.byKey ? (
            <>
              <PasswordInput
                label="API key"
                description="A key with the scope read or operate"
                value={key}
                onChange={(event) => setKey(event.currentTarget.value)}
                autoComplete="current-password"
                required
                visibilityToggleButtonProps={{ "aria-label": "Show key" }}
              />
              {problem && <ProblemNote problem={problem} />}
              <Button type="submit" loading={busy}>
                Sign in
              </Button>
            </>
          ) : (
            <Text>
              No API keys are configured, so the console is available only from this machine. To open it to other machines, add an operator
              key to http.apiKeys.
            </Text>
          )}
        </Stack>
      </Paper>
    </Center>
  );
};
