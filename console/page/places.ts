import {
  type Icon,
  IconActivity,
  IconApi,
  IconBuilding,
  IconChartBar,
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
import type { Scope } from "../../access/scopes.js";
import type { SessionView } from "../../http/console/views.js";

/** An entry of the navigation. */
export interface Place {
  readonly path: string;
  readonly name: string;
  readonly icon: Icon;
  /** The scope that its page needs; undefined: none. */
  readonly needs?: Scope;
  /** Whether it shows one tenant at a time, and keeps the one that was chosen. */
  readonly ofTenant?: boolean;
}

const all: readonly Place[] = [
  { path: "/", name: "Overview", icon: IconActivity, needs: "operate" },
  { path: "/messages", name: "Messages", icon: IconMessages, needs: "read" },
  { path: "/providers", name: "Providers", icon: IconRoute, needs: "operate" },
  { path: "/dead-letters", name: "Dead letters", icon: IconMailX, needs: "operate" },
  { path: "/reports", name: "Reports", icon: IconReportAnalytics, needs: "read" },
  { path: "/usage", name: "Usage", icon: IconChartBar, needs: "read", ofTenant: true },
  { path: "/send", name: "Send", icon: IconSend, needs: "send" },
  { path: "/outbox", name: "Sandbox outbox", icon: IconInbox, needs: "read" },
  { path: "/tenants", name: "Tenants", icon: IconBuilding, needs: "operate" },
  { path: "/users", name: "Users", icon: IconUsers, needs: "read", ofTenant: true },
  { path: "/groups", name: "Groups", icon: IconUsersGroup, needs: "read", ofTenant: true },
  { path: "/audit", name: "Audit log", icon: IconHistory, needs: "manage", ofTenant: true },
];

const api: Place = { path: "/api", name: "API", icon: IconApi };

/** The page of a session's own tenant, for a key that is not an operator's. */
const ownTenant = ({ tenant }: SessionView): Place => ({
  path: `/tenants/${encodeURIComponent(tenant ?? "")}`,
  name: "Tenant",
  icon: IconBuilding,
  needs: "manage",
});

/** Whether a session may change users, groups and keys. */
export const mayManage = ({ scopes }: SessionView): boolean => scopes.includes("manage");

/** The places that a session may open. There is at least one. */
export const placesOf = (session: SessionView): readonly [Place, ...Place[]] => {
  const offered = all.map((place) => (place.path === "/tenants" && !session.operator ? ownTenant(session) : place));
  const [first, ...others] = offered.filter(({ needs }) => needs === undefined || session.scopes.includes(needs));
  return first ? [first, ...others, api] : [api];
};

/** A path, or for an import that of the list that it belongs to. */
const withinList = (path: string): string => path.replace(/^\/import-members\b/, "/groups").replace(/^\/import-users\b/, "/users");

/** The place that a path belongs to; undefined if the session may not open it. */
export const placeOf = (path: string, places: readonly Place[]): Place | undefined =>
  places.find((place) => (place.path === "/" ? path === "/" : withinList(path).startsWith(place.path)));
