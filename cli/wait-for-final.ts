import { CarillonError } from "../schemas/errors.js";
import type { LineageStore, MessageDocument } from "../stores/lineage-store/lineage-store.js";
import { sayAside } from "./print.js";

const everyMs = 100;

const progressOf = (document: MessageDocument | undefined): string => {
  const last = document?.lineage.at(-1);
  const status = document?.status ?? "accepted";
  return last?.outcome === "scheduled" ? `${status}, waiting for attempt ${last.details.nextAttempt}` : status;
};

const gaveUp = (id: string, document: MessageDocument | undefined, timeoutMs: number): CarillonError =>
  new CarillonError("DEADLINE_PASSED", `${id} is ${document?.status ?? "not yet in the lineage store"} after ${timeoutMs / 1_000} s`, {
    fix: document ? `check again later: carillon status ${id}` : "check that Carillon runs with this configuration, or run carillon start",
  });

/** Waits until the message is final, and reports its state meanwhile. `assertServed` throws once no process works on it. */
export const waitForFinal = async (
  lineage: LineageStore,
  id: string,
  assertServed: () => void = () => undefined,
  timeoutMs = 60_000,
): Promise<MessageDocument> => {
  const beginMs = Date.now();
  let said = "";
  for (;;) {
    const document = await lineage.find(id);
    if (document?.final) return document;
    assertServed();
    const line = progressOf(document);
    if (line !== said) sayAside(`${line} …`);
    said = line;
    if (Date.now() - beginMs > timeoutMs) throw gaveUp(id, document, timeoutMs);
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
};
