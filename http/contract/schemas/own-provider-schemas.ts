import { z } from "zod";
import type { OwnProviderView } from "../../../operations/tenants/provider-desk.js";
import type { OwnRouteView } from "../../../operations/tenants/route-desk.js";
import { named } from "../named.js";

export const ownProviderSchema = named(
  "OwnProvider",
  z.strictObject({
    name: z.string(),
    type: z.string(),
    channels: z.array(z.string()).describe("The channels that the type sends"),
    options: z.record(z.string(), z.unknown()).describe("The options as given"),
    secrets: z.array(z.string()).describe("The names of the secret options. No answer has their values"),
    callbackPath: z.string().nullable().describe("The path for the provider's callbacks; null if the type has none"),
  }),
) satisfies z.ZodType<OwnProviderView>;

export const ownRouteSchema = named(
  "OwnRoute",
  z.strictObject({
    channel: z.string(),
    providers: z.array(z.string()).describe("In the order of their use: the tenant's own, or the installation's"),
  }),
) satisfies z.ZodType<OwnRouteView>;
