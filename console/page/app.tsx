import { Alert, AppShell } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useEffect } from "react";
import type { AboutView, CatalogView, SessionView } from "../../http/console/views.js";
import { type LiveState, useAsked, useLive, usePlace } from "./ask.js";
import { Header } from "./parts/header.js";
import { Navigation } from "./parts/navigation.js";
import { Answer } from "./parts/note.js";
import { placeOf, placesOf } from "./places.js";
import { viewOf } from "./view-of.js";
import { SignInView } from "./views/sign-in.js";

export interface ViewProps {
  readonly about: CatalogView;
  /** Undefined if the session is not an operator's. */
  readonly installation: AboutView | undefined;
  readonly live: LiveState;
  readonly session: SessionView;
  readonly query: URLSearchParams;
}

const Disconnected = ({ asOfMs }: { readonly asOfMs: number }) => (
  <Alert color="orange" mb="md" role="status">
    Carillon is not responding. Data as of {new Date(asOfMs).toLocaleTimeString()}. The page reconnects automatically.
  </Alert>
);

type Described = CatalogView | AboutView;

const installationOf = (about: Described): AboutView | undefined => ("topologies" in about ? about : undefined);

const Shell = ({ about, session }: { readonly about: Described; readonly session: SessionView }) => {
  const [opened, { toggle, close }] = useDisclosure();
  const { path, query } = usePlace();
  const live = useLive(session.operator);
  const places = placesOf(session);
  const here = placeOf(path, places);
  // a page that the session may not open shows the first one that it may
  const shown = here ?? places[0];
  const installation = installationOf(about);
  useEffect(() => {
    document.title = `${shown.name} · Carillon`;
  }, [shown.name]);
  return (
    <AppShell header={{ height: 56 }} navbar={{ width: 220, breakpoint: "sm", collapsed: { mobile: !opened } }} padding="md">
      <button type="button" className="skip" onClick={() => document.getElementById("main")?.focus()}>
        Skip to content
      </button>
      <Header
        label={installation?.profile ?? session.tenant ?? ""}
        connected={session.operator ? live.connected : undefined}
        byKey={session.byKey}
        menuOpened={opened}
        toggleMenu={toggle}
      />
      <Navigation places={places} here={shown} tenant={query.get("tenant")} deadLetters={live.view?.deadLetters ?? 0} close={close} />
      <AppShell.Main id="main" tabIndex={-1} style={{ outline: "none" }}>
        {live.view && !live.connected && <Disconnected asOfMs={live.view.at} />}
        {viewOf(here ? path : shown.path, { about, installation, live, session, query })}
      </AppShell.Main>
    </AppShell>
  );
};

const SignedIn = ({ session }: { readonly session: SessionView }) => {
  const about = useAsked<Described>(session.operator ? "/console/api/about" : "/console/api/catalog");
  return <Answer asked={about}>{(found) => <Shell about={found} session={session} />}</Answer>;
};

export const App = () => {
  const session = useAsked<SessionView>("/console/api/session");
  return (
    <Answer asked={session}>
      {(found) => (found.signedIn ? <SignedIn session={found} /> : <SignInView session={found} signedIn={session.again} />)}
    </Answer>
  );
};
