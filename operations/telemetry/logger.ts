import { destination, type Logger, pino } from "pino";
import { escapeJson } from "../../schemas/control-characters.js";
import type { Mask } from "../../schemas/secret-mask.js";

const masked = "***";

/** Structured logs without recipients' addresses and contents, nor the secrets that the mask knows. */
export const createLogger = (level: string, instance: string, mask: Mask = (line) => line): Logger => {
  const out = destination(1);
  // a log on a full disk loses lines; it must not end the process
  out.on("error", () => undefined);
  return pino(
    {
      level,
      base: { instance },
      // every line as it is written, whichever field a secret is in; on a terminal none of it acts
      hooks: { streamWrite: (line) => escapeJson(mask(line)) },
      redact: {
        paths: ["to", "content", "password", "apiKey", "authorization", "*.to", "*.content", "*.password", "*.apiKey", "*.authorization"],
        censor: masked,
      },
    },
    out,
  );
};

export type { Logger };
