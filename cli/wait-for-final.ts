import { CarillonError } from "../schemas/errors.js";
import type { LineageStore, MessageDocument } from "../stores/lineage-store/lineage-store.js";

const everyMs = 100;

/** Waits until the message is in a final status; says meanwhile how it stands. */
export const waitForFinal = async (lineage: LineageStore, id: string, timeoutMs = 60_000): Promise<MessageDocument> => {
  const begin = Date.now();
  let said = "";
  for (;;) {
    const document = await lineage.find(id);
    if (document?.final) return document;
    const status = document?.status ?? "accepted";
    const last = document?.lineage.at(-1);
    const line = last?.outcome === "scheduled" ? `${status}, waits for attempt ${last.details.nextAttempt}` : status;
    if (line !== said) process.stderr.write(`${line} …\n`);
    said = line;
    if (Date.now() - begin > timeoutMs) {
      throw new CarillonError(
        "NOT_FOUND",
        `${id} is ${document ? document.status : "not yet in the lineage"} after ${timeoutMs / 1_000} s`,
        {
          fix: document ? `ask later: carillon status ${id}` : "is Carillon running on this configuration? carillon start",
        },
      );
    }
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
};
