import { z } from "zod";

/** In the body, because proxies log URLs and recipients are personal data. */
const address = {
  to: z.string().trim().min(1).max(2_048).describe("give an address, a number or an endpoint"),
  tenant: z.string().min(1).max(200).optional().describe("give a tenant, or leave it out for the messages of all"),
};
const user = {
  user: z.string().min(1).max(256).describe("give the id of a user"),
  tenant: z.string().min(1).max(200).describe("give the tenant of the user"),
};
const presetWaitMs = 60_000;
const mostWaitMs = 600_000;

const wait = {
  waitMs: z
    .number()
    .int()
    .min(1)
    .max(mostWaitMs)
    .default(presetWaitMs)
    .describe(`give how long to wait for records on their way to the lineage, in milliseconds, at most ${mostWaitMs}`),
};

/** The bodies that name an address, and the bodies that name a user. */
export const countBodies = { address: z.strictObject(address), user: z.strictObject(user) };
export const erasureBodies = { address: z.strictObject({ ...address, ...wait }), user: z.strictObject({ ...user, ...wait }) };
