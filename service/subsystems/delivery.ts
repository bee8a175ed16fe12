import { deliveryRoutes } from "../../http/delivery-routes.js";
import { deadLettersOf } from "../../operations/dead-letters/delivery-letters.js";
import { readinessOf } from "../../operations/readiness/readiness-of.js";
import { countProviders } from "../../operations/telemetry/count-events.js";
import { createDeliveryMetrics } from "../../operations/telemetry/delivery-metrics.js";
import type { Metrics } from "../../operations/telemetry/metrics.js";
import { logUnknownStates } from "../../operations/telemetry/unknown-states.js";
import { callbacksOf } from "../../sources/callbacks.js";
import { deliveryDuties } from "../../topology/roles.js";
import { type AssembleOptions, type Assembly, assemble } from "../assemble.js";
import { jobsOf } from "../jobs-of.js";
import type { Subsystem, SubsystemParts } from "../subsystem.js";
import { deliveryConfig } from "./delivery-config.js";

export interface BuiltDelivery extends SubsystemParts {
  readonly assembly: Assembly;
  readonly metrics: Metrics;
}

/** Delivery, which also owns the process's dead letters, timers and console. */
export const delivery = (options: AssembleOptions = {}): Subsystem<BuiltDelivery> => ({
  name: "delivery",
  ...deliveryConfig,
  roles: deliveryDuties,
  build: async ({ config, stores, clock, origin, logger, metrics: ofProcess }, alongside) => {
    const metrics = { ...ofProcess, ...createDeliveryMetrics(ofProcess.registry) };
    const graphs = [...(options.graphs ?? []), ...alongside];
    const assembly = await assemble(config, stores, clock, { ...options, graphs, origin });
    const ends = [countProviders(origin, metrics), logUnknownStates(origin, logger)];
    return {
      assembly,
      metrics,
      graphs: assembly.graphs.filter((graph) => !graphs.includes(graph)),
      jobs: jobsOf(config, stores, assembly, clock),
      routesOf: ({ lags, consumers, urge, scrape, run }) => {
        const callbacks = callbacksOf(config, assembly, urge);
        const readiness = readinessOf(config, assembly, stores, consumers);
        const deadLetters = deadLettersOf(config, stores, assembly, callbacks, clock);
        return deliveryRoutes({
          config,
          stores,
          assembly,
          metrics,
          clock,
          logger,
          lags,
          callbacks,
          readiness,
          deadLetters,
          urge,
          scrape,
          run,
        });
      },
      stop: async () => {
        for (const end of ends) end();
      },
    };
  },
});
