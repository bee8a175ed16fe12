import { z } from "zod";
import { secret, tenantName } from "./keys.js";
import { isLoopback } from "./loopback.js";

/** The path at which the OpenID provider returns a browser. */
export const oidcCallbackPath = "/console/api/oidc/callback";

const safeUrl = (text: string): boolean => {
  const { protocol, hostname } = new URL(text);
  return protocol === "https:" || isLoopback(hostname.replace(/^\[(.*)\]$/, "$1"));
};

const webUrl = z.url({ protocol: /^https?$/ }).refine((text) => !URL.canParse(text) || safeUrl(text), "is not https");

/** Sign-in to the console at an OpenID provider. */
export const oidcSchema = z
  .strictObject({
    issuer: webUrl.describe("URL of the OpenID provider, below which it has /.well-known/openid-configuration"),
    clientId: z.string().min(1).describe("id of Carillon at the provider"),
    clientSecret: secret.describe("secret of Carillon at the provider"),
    redirectUrl: webUrl
      .refine((text) => !URL.canParse(text) || new URL(text).pathname === oidcCallbackPath, `does not end with ${oidcCallbackPath}`)
      .describe(`public URL of the console, followed by ${oidcCallbackPath}`),
    scopes: z.array(z.string().min(1)).default(["openid", "profile"]).describe("scopes to ask for; openid is always among them"),
    claim: z
      .string()
      .min(1)
      .default("groups")
      .describe("claim that decides what a person may do, such as groups, email or realm_access.roles"),
    grants: z
      .array(
        z.strictObject({
          value: z.string().min(1).describe("value of the claim"),
          tenant: tenantName.describe("tenant for which the person acts"),
          scopes: z
            .array(z.enum(["send", "read", "manage", "operate"]))
            .min(1)
            .describe("what the person may do"),
        }),
      )
      .min(1)
      .describe("who may sign in; the first entry whose value the person has applies"),
  })
  .nullable()
  .default(null)
  .describe("OpenID provider at which people sign in to the console; null: by key only");
