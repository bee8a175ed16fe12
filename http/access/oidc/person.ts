import { z } from "zod";
import type { OidcPrincipal } from "../../../access/principal.js";
import type { Config } from "../../../config/schema.js";

export type OidcConfig = NonNullable<Config["http"]["oidc"]>;

/** A person whom the OpenID provider identified, as a session keeps it. */
export const personSchema = z.strictObject({
  issuer: z.string(),
  subject: z.string(),
  name: z.string(),
  /** The values of the configured claim. */
  values: z.array(z.string()),
});

export type Person = z.infer<typeof personSchema>;

type Claims = Readonly<Record<string, unknown>>;

const isClaims = (value: unknown): value is Claims => typeof value === "object" && value !== null && !Array.isArray(value);

/** A claim by its name, or by a path of names: some providers nest roles. */
const claimAt = (claims: Claims, path: string): unknown => {
  if (Object.hasOwn(claims, path)) return claims[path];
  let value: unknown = claims;
  for (const name of path.split(".")) value = isClaims(value) && Object.hasOwn(value, name) ? value[name] : undefined;
  return value;
};

const mostValues = 200;

/** The values of the claim that decides what a person may do. An email address counts only if the provider has verified it. */
export const valuesOf = (claims: Claims, claim: string): readonly string[] => {
  if (claim === "email" && claims.email_verified !== true) return [];
  return [claimAt(claims, claim)]
    .flat()
    .filter((value) => typeof value === "string")
    .slice(0, mostValues);
};

const mostNameCharacters = 200;

/** The name under which the console shows a person. */
export const nameOf = (claims: Claims): string => {
  const found = [claims.name, claims.preferred_username, claims.email, claims.sub].find((one) => typeof one === "string" && one !== "");
  return String(found ?? "").slice(0, mostNameCharacters);
};

/** What a person may do by the current configuration; undefined if nothing. */
export const principalOf = ({ issuer, subject, name, values }: Person, config: OidcConfig | null): OidcPrincipal | undefined => {
  if (config?.issuer !== issuer) return undefined;
  const grant = config.grants.find(({ value }) => values.includes(value));
  return grant && { kind: "oidc", issuer, subject, name, tenant: grant.tenant, scopes: grant.scopes };
};
