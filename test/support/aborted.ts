import { onAbort } from "../../client/abort.js";

/** Resolves when the signal is aborted, also if it already is. */
export const aborted = (signal: AbortSignal): Promise<void> => new Promise((resolve) => void onAbort([signal], () => resolve()));
