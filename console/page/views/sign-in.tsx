import { Button, Center, Paper, PasswordInput, Stack, Text, Title } from "@mantine/core";
import { type FormEvent, useState } from "react";
import type { SessionView } from "../../../http/console/views.js";
import { ask, Problem } from "../ask.js";
import { ProblemNote } from "../parts/note.js";

export const SignInView = ({ session, signedIn }: { readonly session: SessionView; readonly signedIn: () => void }) => {
  const [key, setKey] = useState("");
  const [problem, setProblem] = useState<Problem>();
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    try {
      await ask("/console/api/session", { method: "POST", body: { key } });
      signedIn();
    } catch (error) {
      setProblem(error instanceof Problem ? error : new Problem(0, "Carillon is not responding", []));
    }
  };
  return (
    <Center mih="90vh" p="md" component="main">
      <Paper withBorder p="xl" w={380} component="form" onSubmit={submit}>
        <Stack>
          <Title order={1} size="h2">
            Carillon
          </Title>
          {session.byKey ? (
            <>
              <PasswordInput
                label="API key"
                description="A key with the scope operate, or an entry of http.apiKeys with the role operator"
                value={key}
                onChange={(event) => setKey(event.currentTarget.value)}
                autoComplete="current-password"
                required
                visibilityToggleButtonProps={{ "aria-label": "Show key" }}
              />
              {problem && <ProblemNote problem={problem} />}
              <Button type="submit">Sign in</Button>
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
