import { withParameters } from "../../ask.js";

/** The place of a user's page. */
export const userPlace = (id: string, tenant: string | null): string => withParameters(`/users/${encodeURIComponent(id)}`, { tenant });
