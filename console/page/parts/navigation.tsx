import { AppShell, Badge, NavLink } from "@mantine/core";
import { withParameters } from "../ask.js";
import type { Place } from "../places.js";

const PendingBadge = ({ count }: { readonly count: number }) => (
  <Badge size="sm" color="red" variant="filled" aria-label={`${count} pending`}>
    {count}
  </Badge>
);

interface NavigationProps {
  /** The places that the session may open. */
  readonly places: readonly Place[];
  readonly here: Place;
  /** The tenant that the operator acts for; null: the session's own. */
  readonly tenant: string | null;
  readonly deadLetters: number;
  readonly close: () => void;
}

export const Navigation = ({ places, here, tenant, deadLetters, close }: NavigationProps) => (
  <AppShell.Navbar p="xs" aria-label="Navigation">
    {places.map(({ path: to, name, icon: Icon, ofTenant }) => (
      <NavLink
        key={to}
        href={`#${ofTenant ? withParameters(to, { tenant }) : to}`}
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
