import { Alert, AppShell } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useEffect } from "react";
import type { AboutView, SessionView } from "../../http/console/views.js";
import { type LiveState, useAsked, useLive, usePlace } from "./ask.js";
import { Header } from "./parts/header.js";
import { Navigation, placeOf } from "./parts/navigation.js";
import { Answer } from "./parts/note.js";
import { viewOf } from "./view-of.js";
import { SignInView } from "./views/sign-in.js";

export interface ViewProps {
  readonly about: AboutView;
  readonly live: LiveState;
  readonly session: SessionView;
  readonly query: URLSearchParams;
}

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
      <Navigation here={here} tenant={query.get("tenant")} deadLetters={live.view?.deadLetters ?? 0} close={close} />
      <AppShell.Main id="main" tabIndex={-1} style={{ outline: "none" }}>
        {live.view && !live.connected && <Disconnected asOfMs={live.view.at} />}
        {viewOf(path, { about, live, session, query })}
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
