import { z } from "zod";
import { lanes } from "../../../schemas/vocabulary.js";
import type { LiveView, SessionView } from "../../console/views.js";
import { named } from "../named.js";
import { providerFields } from "./operation-schemas.js";

export const sessionSchema = named(
  "Session",
  z.strictObject({
    signedIn: z.boolean(),
    tenant: z.string().nullable(),
    operator: z.boolean(),
    scopes: z.array(z.string()).describe("What the session may do, such as send and read"),
    byKey: z.boolean().describe("Whether a key is required"),
    byOidc: z.boolean().describe("Whether people can sign in at an OpenID provider instead"),
  }),
) satisfies z.ZodType<SessionView>;

const count = z.number().int().min(0);

const liveQueue = z.strictObject({
  subTopology: z.string(),
  topic: z.string(),
  lane: z.string().nullable(),
  begins: z.enum(["message", "attempt"]).nullable(),
  partitions: count,
  consumers: count,
  lag: count,
  inPerSecond: z.number(),
  outPerSecond: z.number(),
  oldestMs: z.number().nullable(),
});

const providerPoint = z.strictObject({
  at: z.number(),
  errorShare: z.number().nullable(),
  responseP50Ms: z.number(),
  responseP95Ms: z.number(),
  share: z.number(),
});

/** The console's live view. */
export const liveSchema = named(
  "LiveView",
  z.strictObject({
    at: z.number(),
    queues: z.array(liveQueue),
    providers: z.array(z.strictObject({ ...providerFields, history: z.array(providerPoint) })),
    deadLetters: z.number(),
  }),
) satisfies z.ZodType<LiveView>;

const withName = { name: z.string() };

/** What messages may have, for the console. It changes with the console, so its inner objects are open. */
const catalogFields = {
  timeZone: z.string(),
  channels: z.array(z.looseObject({ ...withName, example: z.string() })),
  lanes: z.array(z.enum(lanes)),
  templates: z.array(z.strictObject({ ...withName, channels: z.array(z.string()) })),
  reasons: z.record(z.string(), z.string()),
};

export const catalogSchema = named("Catalog", z.strictObject(catalogFields));

/** The console's own view of the configuration. */
export const aboutSchema = named(
  "About",
  z.strictObject({
    profile: z.string(),
    instance: z.string(),
    topologies: z.array(z.looseObject(withName)),
    ...catalogFields,
  }),
);
