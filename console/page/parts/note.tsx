import { Alert, Button, Center, Group, List, Loader, Text, Title } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import type { ReactNode } from "react";
import type { Asked, Problem } from "../ask.js";

/** The error and its fix. */
export const ProblemNote = ({ problem, again }: { readonly problem: Problem; readonly again?: () => void }) => (
  <Alert color="red" variant="light" icon={<IconAlertTriangle size={18} aria-hidden />} title={problem.message} role="alert">
    {problem.details.length > 0 && (
      <List size="sm">
        {problem.details.map((detail) => (
          <List.Item key={detail}>{detail}</List.Item>
        ))}
      </List>
    )}
    {again && (
      <Button size="xs" variant="default" mt="xs" onClick={again}>
        Try again
      </Button>
    )}
  </Alert>
);

/** The answer, a loading indicator, or the error. */
export const Answer = <T,>({ asked, children }: { readonly asked: Asked<T>; readonly children: (data: T) => ReactNode }) => {
  const { data, problem, again } = asked;
  if (problem && data === undefined) return <ProblemNote problem={problem} again={again} />;
  if (data === undefined)
    return (
      <Center py="xl">
        <Loader aria-label="Loading" />
      </Center>
    );
  return (
    <>
      {problem && <ProblemNote problem={problem} again={again} />}
      {children(data)}
    </>
  );
};

/** A view's name and its actions. */
export const Heading = ({ title, children }: { readonly title: string; readonly children?: ReactNode }) => (
  <Group justify="space-between" mb="md" gap="sm">
    <Title order={1} size="h2">
      {title}
    </Title>
    {children}
  </Group>
);

export const Nothing = ({ children }: { readonly children: ReactNode }) => (
  <Text c="var(--calm)" py="lg" ta="center">
    {children}
  </Text>
);
