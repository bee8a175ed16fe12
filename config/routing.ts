import { z } from "zod";
import { count, durationMs, minutes, seconds } from "./keys.js";

/** When Carillon reduces a provider's traffic, or stops it for a while. */
export const routingSchema = z
  .strictObject({
    capacityWaitMs: durationMs("longest time that a message waits for capacity at a provider before Carillon reschedules it", seconds(10)),
    windowMs: durationMs("time window of error rates", seconds(30), 1_000),
    minCalls: count("minimum number of calls in the window; with fewer, its error rate does not count", 20),
    errorRate: z
      .number()
      .min(0)
      .max(1)
      .default(0.1)
      .describe("error rate above which Carillon reduces a provider's weight, a tenth at a time"),
    slowReceiptMs: z
      .number()
      .int()
      .min(1)
      .nullable()
      .default(null)
      .describe("90th percentile of receipt delays above which Carillon also reduces the weight, in milliseconds; null: never"),
    stallMs: durationMs(
      "a provider that leaves breaker.failures calls unanswered for this long gets no further calls until it answers one",
      seconds(5),
      10,
    ),
    stepMs: durationMs("minimum time between two changes of a provider's weight", seconds(10), 100),
    breaker: z
      .strictObject({
        failures: count("consecutive failures that open the circuit breaker", 5),
        openMs: durationMs("time that the circuit is open at first; it doubles each further time", seconds(10), 10),
        maxOpenMs: durationMs("longest time that the circuit is open", minutes(5), 10),
        probes: count("calls that then probe the provider; all must succeed to close the circuit", 3),
      })
      .prefault({}),
  })
  .prefault({})
  .describe("selection of a provider for each message");
