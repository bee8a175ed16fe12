import { z } from "zod";
import type { OwnWebhookAdministration } from "../deployment/own-webhook-administration.js";
import type { Connection } from "./connection.js";

const webhookShape = z.looseObject({ host: z.string(), kinds: z.array(z.string()), secrets: z.number() });
const setShape = webhookShape.extend({ secret: z.string().nullable() });

const pathOf = (tenant: string, ...parts: readonly string[]): string =>
  ["/v1/tenants", encodeURIComponent(tenant), "webhook", ...parts].join("/");

export const remoteOwnWebhooks = (connection: Connection): OwnWebhookAdministration => ({
  webhook: (tenant) => connection.ask({ path: pathOf(tenant) }, webhookShape),
  setWebhook: (tenant, body) => connection.ask({ method: "PUT", path: pathOf(tenant), body }, setShape),
  rotateWebhook: (tenant) => connection.ask({ method: "POST", path: pathOf(tenant, "rotate") }, setShape),
  removeWebhook: (tenant) => connection.done({ method: "DELETE", path: pathOf(tenant) }),
});
