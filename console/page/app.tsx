import {
  ActionIcon,
  Alert,
  AppShell,
  Badge,
  Burger,
  Group,
  NavLink,
  Text,
  useComputedColorScheme,
  useMantineColorScheme,
} from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import {
  IconActivity,
  IconInbox,
  IconMailX,
  IconMessages,
  IconMoon,
  IconReportAnalytics,
  IconRoute,
  IconSend,
  IconSun,
} from "@tabler/icons-react";
import { type ReactNode, useEffect } from "react";
import type { AboutView, SessionView } from "../../http/console/views.js";
import { ask, type LiveState, useAsked, useLive, usePlace } from "./ask.js";
import { decoded } from "./format.js";
import { Answer } from "./parts/note.js";
import { DeadLettersView } from "./views/dead-letters.js";
import { MessageView } from "./views/message.js";
import { MessagesView } from "./views/messages.js";
import { OutboxView } from "./views/outbox.js";
import { OverviewView } from "./views/overview.js";
import { ProvidersView } from "./views/providers.js";
import { ReportsView } from "./views/reports.js";
import { SendView } from "./views/send.js";
import { SignInView } from "./views/sign-in.js";

const places = [
  { path: "/", name: "Overview", icon: IconActivity },
  { path: "/messages", name: "Messages", icon: IconMessages },
  { path: "/providers", name: "Providers", icon: IconRoute },
  { path: "/dead-letters", name: "Dead letters", icon: IconMailX },
  { path: "/reports", name: "Reports", icon: IconReportAnalytics },
  { path: "/send", name: "Send", icon: IconSend },
  { path: "/outbox", name: "Sandbox outbox", icon: IconInbox },
] as const;

export interface ViewProps {
  readonly about: AboutView;
  readonly live: LiveState;
  readonly query: URLSearchParams;
}

const viewOf = (path: string, props: ViewProps): ReactNode => {
  const id = /^\/messages\/(.+)$/.exec(path)?.[1];
  if (id !== undefined) return <MessageView id={decoded(id)} {...props} />;
  if (path === "/messages") return <MessagesView {...props} />;
  if (path === "/providers") return <ProvidersView {...props} />;
  if (path === "/dead-letters") return <DeadLettersView {...props} />;
  if (path === "/reports") return <ReportsView {...props} />;
  if (path === "/send") return <SendView {...props} />;
  if (path === "/outbox") return <OutboxView {...props} />;
  return <OverviewView {...props} />;
};

const ColourSwitch = () => {
  const { setColorScheme } = useMantineColorScheme();
  const scheme = useComputedColorScheme("light");
  const other = scheme === "dark" ? "light" : "dark";
  return (
    <ActionIcon variant="default" size="lg" aria-label={`Switch to ${other} theme`} onClick={() => setColorScheme(other)}>
      {scheme === "dark" ? <IconSun size={18} aria-hidden /> : <IconMoon size={18} aria-hidden />}
    </ActionIcon>
  );
};

const Shell = ({ about, session }: { readonly about: AboutView; readonly session: SessionView }) => {
  const [opened, { toggle, close }] = useDisclosure();
  const { path, query } = usePlace();
  const live = useLive();
  const here = places.find((place) => (place.path === "/" ? path === "/" : path.startsWith(place.path))) ?? places[0];
  useEffect(() => {
    document.title = `${here.name} · Carillon`;
  }, [here]);
  const signOut = async (): Promise<void> => {
    await ask("/console/api/session", { method: "DELETE" });
    window.location.reload();
  };
  return (
    <AppShell header={{ height: 56 }} navbar={{ width: 220, breakpoint: "sm", collapsed: { mobile: !opened } }} padding="md">
      <button type="button" className="skip" onClick={() => document.getElementById("main")?.focus()}>
        Skip to content
      </button>
      <AppShell.Header>
        <Group h="100%" px="md" justify="space-between" wrap="nowrap">
          <Group gap="sm" wrap="nowrap">
            <Burger opened={opened} onClick={toggle} hiddenFrom="sm" size="sm" aria-label="Menu" />
            <img src="/console/icon.svg" width={26} height={26} alt="" />
            <Text fw={700} size="lg">
              Carillon
            </Text>
            <Badge variant="default" tt="none" visibleFrom="xs">
              {about.profile}
            </Badge>
          </Group>
          <Group gap="sm" wrap="nowrap">
            <Badge
              variant="default"
              tt="none"
              leftSection={
                <span aria-hidden style={{ color: live.connected ? "var(--good)" : "var(--bad)" }}>
                  ●
                </span>
              }
            >
              {live.connected ? "Live" : "Disconnected"}
            </Badge>
            {session.byKey && (
              <Text
                component="button"
                size="sm"
                td="underline"
                onClick={signOut}
                style={{ background: "none", border: 0, cursor: "pointer", color: "inherit" }}
              >
                Sign out
              </Text>
            )}
            <ColourSwitch />
          </Group>
        </Group>
      </AppShell.Header>
      <AppShell.Navbar p="xs" aria-label="Navigation">
        {places.map(({ path: to, name, icon: Icon }) => (
          <NavLink
            key={to}
            href={`#${to}`}
            label={name}
            active={here.path === to}
            aria-current={here.path === to ? "page" : undefined}
            leftSection={<Icon size={18} aria-hidden />}
            rightSection={
              to === "/dead-letters" && (live.view?.deadLetters ?? 0) > 0 ? (
                <Badge size="sm" color="red" variant="filled" aria-label={`${live.view?.deadLetters} pending`}>
                  {live.view?.deadLetters}
                </Badge>
              ) : undefined
            }
            onClick={close}
          />
        ))}
      </AppShell.Navbar>
      <AppShell.Main id="main" tabIndex={-1} style={{ outline: "none" }}>
        {live.view && !live.connected && (
          <Alert color="orange" mb="md" role="status">
            Carillon is not responding. Data as of {new Date(live.view.at).toLocaleTimeString()}. The page reconnects automatically.
          </Alert>
        )}
        {viewOf(path, { about, live, query })}
      </AppShell.Main>
    </AppShell>
  );
};

const SignedIn = ({ session }: { readonly session: SessionView }) => {
  const about = useAsked<AboutView>("/console/api/about");
  return <Answer asked={about}>{(found) => <Shell about={found} session={session} />}</Answer>;
};

export const App = () => {
  const session = useAsked<SessionView>("/console/api/session");
  return (
    <Answer asked={session}>
      {(found) => (found.operator ? <SignedIn session={found} /> : <SignInView session={found} signedIn={session.again} />)}
    </Answer>
  );
};
