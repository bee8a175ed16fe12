import type { IntakeHooks } from "../../sources/intake.js";
import type { Logger } from "./logger.js";
import type { Metrics } from "./metrics.js";

/** A provider that invents words must not fill the log. */
const mostWords = 1_000;
const shownCharacters = 100;

/** Counts what providers report, and logs each unknown state once. */
export const watchReceived = (metrics: Metrics, logger: Pick<Logger, "warn">): IntakeHooks => {
  const logged = new Set<string>();
  return {
    onReceipt: (source, provider) => metrics.receipts.inc({ source, provider }),
    onIgnored: (source, reason) => metrics.ignoredEvents.inc({ source, reason }),
    onUnreadable: (source, { code }) => metrics.deadLetters.inc({ stage: source, code }),
    onUnknownState: (provider, word) => {
      metrics.unknownStates.inc({ provider });
      const key = `${provider}:${word}`;
      if (logged.has(key) || logged.size >= mostWords) return;
      logged.add(key);
      const state = word.slice(0, shownCharacters);
      logger.warn({ provider, state }, "a receipt has a state that is not in the provider's table: it decides nothing");
    },
  };
};
