import { startDelivery } from "./harness.js";
import { providerTrials } from "./runbook-providers.js";
import { queueTrials } from "./runbook-queues.js";
import type { Trial } from "./runbook-trial.js";
import { workerTrials } from "./runbook-worker.js";

/**
 * For each alert: causes it, sees the metric beyond its bound, applies the resolution, and sees the metric back. Long bounds are shortened.
 */
export const trials: Readonly<Record<string, Trial>> = { ...queueTrials, ...providerTrials, ...workerTrials };

export const tryOut = async ({ options, try: trial }: Trial): Promise<void> => {
  const delivery = await startDelivery({ profile: "embedded", guarantee: "at_least_once", processes: 1, ...options });
  try {
    await trial(delivery);
  } finally {
    await delivery.stop();
  }
};
