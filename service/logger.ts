import { type Logger, pino } from "pino";

const masked = "***";

/** Structured logs without recipients' addresses, contents or secrets. */
export const createLogger = (level: string, instance: string): Logger =>
  pino({
    level,
    base: { instance },
    redact: {
      paths: ["to", "content", "password", "apiKey", "authorization", "*.to", "*.content", "*.password", "*.apiKey", "*.authorization"],
      censor: masked,
    },
  });

export type { Logger };
