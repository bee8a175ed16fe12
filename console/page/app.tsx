import { Alert, AppShell } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { type ReactNode, useEffect } from "react";
import type { AboutView, SessionView } from "../../http/console/views.js";
import { type LiveState, useAsked, useLive, usePlace } from "./ask.js";
import { decoded } from "./format.js";
import { Header } from "./parts/header.js";
import { Navigation, placeOf } from "./parts/navigation.js";
import { Answer } from "./parts/note.js";
import { ApiView } from "./views/api.js";
import { DeadLettersView } from "./views/dead-letters.js";
import { MessageView } from "./views/message.js";
import { MessagesView } from "./views/messages.js";
import { OutboxView } from "./views/outbox.js";
import { OverviewView } from "./views/overview.js";
import { ProvidersView } from "./views/providers.js";
import { ReportsView } from "./views/reports.js";
import { SendView } from "./views/send.js";
import { SignInView } from "./views/sign-in.js";

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
  if (path === "/api") return <ApiView />;
  return <OverviewView {...props} />;
};

const Disconnected = ({ asOfMs }: { readonly asOfMs: number }) => (
  <Alert color="orange" mb="md" role="status">
    Carillon is not responding. Data as of {new Date(asOfMs).toLocaleTimeString()}. The page reconnects automatically.
  </Alert>
);

const Shell = ({ about, session }: { readonly about: AboutView; readonly session: SessionView }) => {
  const [opened, { toggle, close }] = useDisclosure();
  const { path, query } = usePlace();
  const live = useLive();
  const here = placeOf(path);
  useEffect(() => {
    document.title = `${here.name} · Carillon`;
  }, [here]);
  return (
    <AppShell header={{ height: 56 }} navbar={{ width: 220, breakpoint: "sm", collapsed: { mobile: !opened } }} padding="md">
      <button type="button" className="skip" onClick={() => document.getElementById("main")?.focus()}>
        Skip to content
      </button>
      <Header profile={about.profile} connected={live.connected} byKey={session.byKey} menuOpened={opened} toggleMenu={toggle} />
      <Navigation here={here} deadLetters={live.view?.deadLetters ?? 0} close={close} />
      <AppShell.Main id="main" tabIndex={-1} style={{ outline: "none" }}>
        {live.view && !live.connected && <Disconnected asOfMs={live.view.at} />}
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
