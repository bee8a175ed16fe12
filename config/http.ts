import { z } from "zod";
import { addressOrRange, bearerSecret, count, hostOrIp, tenantName } from "./keys.js";
import { oidcSchema } from "./oidc.js";

/** The HTTP server, and the API keys of tenants. */
export const httpSchema = z
  .strictObject({
    enabled: z.boolean().default(true).describe("whether this process serves HTTP"),
    host: hostOrIp.default("127.0.0.1").describe("address to listen on"),
    port: z.number().int().min(0).max(65_535).default(8080).describe("port to listen on; 0: any free port"),
    trustedProxies: z
      .array(addressOrRange)
      .default([])
      .describe("proxies whose X-Forwarded-For and X-Forwarded-Proto headers Carillon trusts"),
    failedAuthenticationsPerMinute: count(
      "failed authentication attempts, by key or callback, allowed per address and minute in each process; Carillon answers further ones with 429",
      20,
    ),
    bodyLimitBytes: z.number().int().min(1_024).max(16_777_216).default(1_048_576).describe("largest request body, in bytes"),
    apiKeys: z
      .array(
        z.strictObject({
          tenant: tenantName.describe("tenant that the key identifies"),
          key: bearerSecret.describe("the key, sent as a bearer token: at least 20 printable ASCII characters, without spaces"),
          role: z
            .enum(["sender", "operator"])
            .default("sender")
            .describe(
              "sender: sends messages and sees its tenant's messages; operator: also sees all tenants' messages, all pages of the console, and dead letters",
            ),
        }),
      )
      .default([])
      .describe("keys that identify tenants, each unique; required when listening beyond loopback"),
    oidc: oidcSchema,
  })
  .prefault({});
