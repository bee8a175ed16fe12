import type { Config } from "../../config/schema.js";
import { diagnostics } from "../../engine/diagnostics.js";
import type { ProviderTools } from "../providers/definition.js";
import type { MakeRouted } from "../routing/routing.js";
import { createOwnProvider } from "./create-own-provider.js";
import type { OwnCatalog } from "./own-catalog.js";
import { createOwnLines, type OwnLines } from "./own-lines.js";
import { createOwnWays, type OwnWays } from "./own-ways.js";
import { readScopedName } from "./scoped-name.js";

/** The own routes and providers of tenants, as part of a routing. */
export interface OwnRouting {
  readonly ways: (makeRouted: MakeRouted) => OwnWays;
  /** Closes the providers. Call after the last call of one. */
  close(): Promise<void>;
}

export const createOwnRouting = (catalog: OwnCatalog, config: Pick<Config, "delivery" | "tenants">, tools: ProviderTools): OwnRouting => {
  const { clock, origin } = tools;
  const made: OwnLines[] = [];
  return {
    ways: (makeRouted) => {
      const lines = createOwnLines({
        make: async ({ scoped, channel, stored }) => {
          const { tenant = "", name = "" } = readScopedName(scoped) ?? {};
          const opened = catalog.open(tenant, name, stored);
          const provider = await createOwnProvider(opened, channel, config, tools);
          return { provider, routed: makeRouted(provider, { ...opened.options.limits, inFlightPerTenant: null }) };
        },
        clock,
        onTrouble: (error) => diagnostics.trouble.publish(origin, { where: "provider of a tenant", error }),
      });
      made.push(lines);
      return createOwnWays(catalog, lines, clock);
    },
    close: async () => {
      await Promise.all(made.map((lines) => lines.close()));
    },
  };
};
