import { Badge } from "@mantine/core";
import { words } from "../format.js";

const colors: Readonly<Record<string, string>> = {
  delivered: "green",
  failed: "red",
  expired: "orange",
  suppressed: "grape",
  cancelled: "gray",
  closed: "green",
  half_open: "yellow",
  open: "red",
  pending: "orange",
  redriven: "green",
  discarded: "gray",
  active: "green",
  suspended: "orange",
  valid: "green",
  revoked: "gray",
};

/** A status, shown by its text first and its color second. */
export const StatusBadge = ({ status, label = words(status) }: { readonly status: string; readonly label?: string }) => (
  <Badge variant="light" color={colors[status] ?? "blue"} style={{ color: "var(--mantine-color-text)", minWidth: "max-content" }}>
    {label}
  </Badge>
);
