import { withParameters } from "../../ask.js";

/** The place of a group's page. */
export const groupPlace = (id: string, tenant: string | null): string => withParameters(`/groups/${encodeURIComponent(id)}`, { tenant });
