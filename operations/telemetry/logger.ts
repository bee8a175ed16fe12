import { destination, type Logger, pino } from "pino";
import { escapeJson } from "../../schemas/control-characters.js";
import type { Mask } from "../../schemas/secret-mask.js";

const masked = "***";

/** Structured logs without recipients' addresses, contents, or the secrets that the mask covers. */
export const createLogger = (level: string, instance: string, mask: Mask = (line) => line): Logger => {
  const out = destination(1);
  // a full disk loses log lines, and must not end the process
  out.on("error", () => undefined);
  return pino(
    {
      level,
      base: { instance },
      // applies to every line as written, whichever field contains a secret, and escapes terminal control characters
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
