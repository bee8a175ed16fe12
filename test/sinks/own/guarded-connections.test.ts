import { createServer, type Server } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { noContent } from "../../../schemas/no-content.js";
import { createGuardedConnections } from "../../../sinks/own/guarded-connections.js";
import { ownTypes } from "../../../sinks/own/own-types.js";
import { commandTo, sendContext } from "../../support/commands.js";
import { bareTools } from "../../support/providers.js";

/** Options with which each type connects to a host and port, with and without TLS. */
const optionsTo: Readonly<Record<string, (host: string, port: number, scheme: "http" | "https") => object>> = {
  smtp: (host, port, scheme) => ({ host, port, secure: scheme === "https", requireTls: scheme === "https" }),
  kaleyra: (host, port, scheme) => ({ url: `${scheme}://${host}:${port}`, sid: "s", apiKey: "a key" }),
  twilio: (host, port, scheme) => ({ url: `${scheme}://${host}:${port}`, accountSid: "s", authToken: "a token" }),
  http: (host, port, scheme) => ({ url: `${scheme}://${host}:${port}/`, fields: { to: "{{ to }}" } }),
};

describe.each(ownTypes)("a tenant's provider of the type $definition.type", ({ definition, schema }) => {
  let connections = 0;
  let server: Server;
  beforeAll(async () => {
    server = createServer((socket) => {
      connections += 1;
      socket.on("error", () => undefined).destroy();
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  });
  afterAll(() => new Promise((resolve) => server.close(resolve)));

  const [channel = "email"] = definition.channels;
  const to = channel === "email" ? "anna@carillon.test" : "+14155550100";
  const from = channel === "email" ? "shop@carillon.test" : null;
  const command = { ...commandTo(channel, to), from, content: { ...noContent, subject: "Hi", text: "Hi" } };
  const sendTo = async (host: string, scheme: "http" | "https", allowed: readonly string[]) => {
    const { port } = server.address() as { readonly port: number };
    const guarded = createGuardedConnections(allowed);
    const options = schema.parse(optionsTo[definition.type]?.(host, port, scheme));
    const provider = await definition.create({ name: "shop/own", channel }, options, bareTools({ connections: guarded }));
    const before = connections;
    const outcome = await provider.send(command, sendContext);
    const health = await provider.healthCheck().then(
      () => "healthy",
      (error: unknown) => String(error),
    );
    await provider.close();
    await guarded.close();
    return { outcome, health, connected: connections > before };
  };

  it.each(["127.0.0.1", "localhost"])("connects to %s only if it is allowed", async (host) => {
    for (const scheme of ["http", "https"] as const) {
      const refused = await sendTo(host, scheme, []);
      expect(refused.outcome, scheme).toMatchObject({
        kind: "temporary_failure",
        detail: expect.stringContaining("tenants.allowAddresses"),
      });
      expect(refused.health).not.toBe("healthy");
      expect(refused.connected).toBe(false);
      expect((await sendTo(host, scheme, ["127.0.0.0/8", "::1/128"])).connected).toBe(true);
    }
  });
});
