import { createHash, timingSafeEqual } from "node:crypto";
import type { FastifyRequest } from "fastify";
import type { Config } from "../../config/schema.js";

const digest = (text: string): Buffer => createHash("sha256").update(text).digest();

const loopbackAddresses = new Set(["127.0.0.1", "::1", "::ffff:127.0.0.1"]);
const loopbackHost = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?$/i;

/** Who asks: the tenant of a key, `local` from loopback where no keys are configured, else nobody. */
export const createTenantOf = (config: Config): ((request: FastifyRequest) => string | undefined) => {
  const keys = config.http.apiKeys.map(({ tenant, key }) => ({ tenant, digest: digest(key) }));
  return (request) => {
    const given = /^Bearer (.+)$/i.exec(request.headers.authorization ?? "")?.[1];
    if (given !== undefined) {
      const wanted = digest(given);
      return keys.find((key) => timingSafeEqual(key.digest, wanted))?.tenant;
    }
    // a page of another site that had its name pointed here shows itself by its Host
    const local = loopbackAddresses.has(request.ip) && loopbackHost.test(request.headers.host ?? "");
    return keys.length === 0 && local ? "local" : undefined;
  };
};
