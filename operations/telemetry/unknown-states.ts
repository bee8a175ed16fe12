import { diagnostics, type Origin } from "../../engine/diagnostics.js";
import type { Logger } from "./logger.js";

/** A provider that invents words must not fill the log. */
const mostWords = 1_000;
const shownCharacters = 100;

/** Logs each unknown state of a provider once. Returns a function that stops it. */
export const logUnknownStates = (origin: Origin, logger: Pick<Logger, "warn">): (() => void) => {
  const logged = new Set<string>();
  return diagnostics.receipt.subscribe(origin, ({ provider, unknownState }) => {
    if (unknownState === undefined) return;
    const key = `${provider}:${unknownState}`;
    if (logged.has(key) || logged.size >= mostWords) return;
    logged.add(key);
    const state = unknownState.slice(0, shownCharacters);
    logger.warn({ provider, state }, "a receipt has a state that is not in the provider's table: it does not change the message's status");
  });
};
