import { AppShell, Badge, NavLink } from "@mantine/core";
import {
  IconActivity,
  IconApi,
  IconBuilding,
  IconHistory,
  IconInbox,
  IconMailX,
  IconMessages,
  IconReportAnalytics,
  IconRoute,
  IconSend,
  IconUsers,
  IconUsersGroup,
} from "@tabler/icons-react";
import { withParameters } from "../ask.js";

const places = [
  { path: "/", name: "Overview", icon: IconActivity },
  { path: "/messages", name: "Messages", icon: IconMessages },
  { path: "/providers", name: "Providers", icon: IconRoute },
  { path: "/dead-letters", name: "Dead letters", icon: IconMailX },
  { path: "/reports", name: "Reports", icon: IconReportAnalytics },
  { path: "/send", name: "Send", icon: IconSend },
  { path: "/outbox", name: "Sandbox outbox", icon: IconInbox },
  { path: "/tenants", name: "Tenants", icon: IconBuilding },
  { path: "/users", name: "Users", icon: IconUsers },
  { path: "/groups", name: "Groups", icon: IconUsersGroup },
  { path: "/audit", name: "Audit log", icon: IconHistory },
  { path: "/api", name: "API", icon: IconApi },
] as const;

type Place = (typeof places)[number];

/** A path, or for an import that of the list that it belongs to. */
const withinList = (path: string): string => path.replace(/^\/import-members\b/, "/groups").replace(/^\/import-users\b/, "/users");

/** The entry of the navigation that a path belongs to. */
export const placeOf = (path: string): Place =>
  places.find((place) => (place.path === "/" ? path === "/" : withinList(path).startsWith(place.path))) ?? places[0];

const PendingBadge = ({ count }: { readonly count: number }) => (
  <Badge size="sm" color="red" variant="filled" aria-label={`${count} pending`}>
    {count}
  </Badge>
);

/** Places that show one tenant at a time. They keep the tenant that was chosen. */
const ofTenants: readonly string[] = ["/users", "/groups", "/audit"];

interface NavigationProps {
  readonly here: Place;
  /** The tenant that the operator acts for; null: the session's own. */
  readonly tenant: string | null;
  readonly deadLetters: number;
  readonly close: () => void;
}

export const Navigation = ({ here, tenant, deadLetters, close }: NavigationProps) => (
  <AppShell.Navbar p="xs" aria-label="Navigation">
    {places.map(({ path: to, name, icon: Icon }) => (
      <NavLink
        key={to}
        href={`#${ofTenants.includes(to) ? withParameters(to, { tenant }) : to}`}
        label={name}
        active={here.path === to}
        aria-current={here.path === to ? "page" : undefined}
        leftSection={<Icon size={18} aria-hidden />}
        rightSection={to === "/dead-letters" && deadLetters > 0 ? <PendingBadge count={deadLetters} /> : undefined}
        onClick={close}
      />
    ))}
  </AppShell.Navbar>
);
