import { ActionIcon, AppShell, Badge, Burger, Group, Text, useComputedColorScheme, useMantineColorScheme } from "@mantine/core";
import { IconMoon, IconSun } from "@tabler/icons-react";
import { ask } from "../ask.js";

const ColorSwitch = () => {
  const { setColorScheme } = useMantineColorScheme();
  const scheme = useComputedColorScheme("light");
  const other = scheme === "dark" ? "light" : "dark";
  return (
    <ActionIcon variant="default" size="lg" aria-label={`Switch to ${other} theme`} onClick={() => setColorScheme(other)}>
      {scheme === "dark" ? <IconSun size={18} aria-hidden /> : <IconMoon size={18} aria-hidden />}
    </ActionIcon>
  );
};

const ConnectionBadge = ({ connected }: { readonly connected: boolean }) => (
  <Badge
    variant="default"
    tt="none"
    leftSection={
      <span aria-hidden style={{ color: connected ? "var(--good)" : "var(--bad)" }}>
        ●
      </span>
    }
  >
    {connected ? "Live" : "Disconnected"}
  </Badge>
);

const signOut = async (): Promise<void> => {
  await ask("/console/api/session", { method: "DELETE" });
  window.location.reload();
};

const SignOut = () => (
  <Text
    component="button"
    size="sm"
    td="underline"
    onClick={signOut}
    style={{ background: "none", border: 0, cursor: "pointer", color: "inherit" }}
  >
    Sign out
  </Text>
);

interface HeaderProps {
  /** The profile, or for other sessions than operators' the tenant. */
  readonly label: string;
  /** Whether the live state arrives; undefined if the session may not follow it. */
  readonly connected: boolean | undefined;
  /** Whether a key is required, and signing out therefore possible. */
  readonly byKey: boolean;
  readonly menuOpened: boolean;
  readonly toggleMenu: () => void;
}

export const Header = ({ label, connected, byKey, menuOpened, toggleMenu }: HeaderProps) => (
  <AppShell.Header>
    <Group h="100%" px="md" justify="space-between" wrap="nowrap">
      <Group gap="sm" wrap="nowrap">
        <Burger opened={menuOpened} onClick={toggleMenu} hiddenFrom="sm" size="sm" aria-label="Menu" />
        <img src="/console/icon.svg" width={26} height={26} alt="" />
        <Text fw={700} size="lg">
          Carillon
        </Text>
        <Badge variant="default" tt="none" visibleFrom="xs">
          {label}
        </Badge>
      </Group>
      <Group gap="sm" wrap="nowrap">
        {connected !== undefined && <ConnectionBadge connected={connected} />}
        {byKey && <SignOut />}
        <ColorSwitch />
      </Group>
    </Group>
  </AppShell.Header>
);
