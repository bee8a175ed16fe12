import { z } from "zod";
import { nameProblem } from "../channels/one-line.js";
import { isWellFormed } from "../client/well-formed.js";
import { checked } from "../config/keys.js";
import { testScopes } from "./decide.js";
import { allScopes, type Scope } from "./scopes.js";

/**
 * The shapes in which HTTP accepts tenants and keys. They are strict: an unknown field is a mistake of the caller. The shape of stored
 * tenants is wider (`stores/tenants/tenant-schema.ts`).
 */

/** Ids of new tenants become parts of URLs, of topics, and of file names. Tenants of the configuration may have other ones. */
const tenantId = z
  .string()
  .regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, "is not 1 to 63 lower-case letters, digits and hyphens, with no hyphen at either end");

/** How the API's description states the rules of `nameProblem`: no control characters, separators or characters that reorder text. */
const nameForm = String.raw`^[^\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]*$`;

const displayNameProblem = (text: string): string | undefined =>
  nameProblem(text) ?? (isWellFormed(text) ? undefined : "is not well-formed Unicode");

const displayName = checked(displayNameProblem)
  .pipe(z.string().min(1, "is empty").max(200, "has more than 200 characters"))
  .meta({ parameter: { type: "string", minLength: 1, maxLength: 200, pattern: nameForm } });

export const tenantInput = z.strictObject({
  id: tenantId.describe("give 1 to 63 lower-case letters, digits and hyphens"),
  name: displayName.optional().describe("give a name of at most 200 characters"),
});

export const tenantChange = z.strictObject({
  name: displayName.optional().describe("give a name of at most 200 characters"),
  status: z.enum(["active", "suspended"]).optional().describe("give active or suspended"),
});

const instant = z.iso.datetime({ offset: true, message: "is not a time in ISO 8601 with an offset" }).transform((text) => new Date(text));

const uniqueScopes = z
  .array(z.enum(allScopes as readonly [Scope, ...Scope[]]))
  .min(1, "names no scope")
  .max(allScopes.length)
  .refine((given) => new Set(given).size === given.length, "names a scope twice")
  .meta({ uniqueItems: true });

export const keyInput = z
  .strictObject({
    name: displayName.optional().describe("give a name of at most 200 characters"),
    scopes: uniqueScopes.describe(`give a list with ${allScopes.join(", ")}, or some of them`),
    test: z.boolean().default(false).describe("give true for a key that reaches the sandbox only"),
    expiresAt: instant.nullable().default(null).describe("give a time in ISO 8601 such as 2027-01-31T09:00:00Z, or null"),
  })
  .refine(({ scopes, test }) => !test || scopes.every((scope) => testScopes.includes(scope)), {
    path: ["scopes"],
    message: `has a scope that test keys cannot use: they have ${testScopes.join(" and ")}`,
  });

const [mostOverlapMs, defaultOverlapMs] = [30 * 86_400_000, 86_400_000];

export const rotationInput = z.strictObject({
  overlapMs: z
    .number()
    .int()
    .min(0)
    .max(mostOverlapMs)
    .default(defaultOverlapMs)
    .describe(`give how long the former key stays valid, in milliseconds, at most ${mostOverlapMs}`),
});

export type TenantInput = z.infer<typeof tenantInput>;
export type TenantChange = z.infer<typeof tenantChange>;
export type KeyInput = z.infer<typeof keyInput>;
