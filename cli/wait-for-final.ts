import type { MessageView } from "../operations/message-view.js";
import { CarillonError } from "../schemas/errors.js";
import type { Deployment } from "./deployment/deployment.js";
import { sayAside } from "./print.js";

/** Throws if waiting is useless because no process runs on the embedded store. */
export const assertServed = ({ unservedAt }: Pick<Deployment, "unservedAt">): void => {
  const where = unservedAt();
  if (where === undefined) return;
  throw new CarillonError("UNAVAILABLE", `no Carillon process runs on ${where}, so no message is delivered`, {
    fix: "run carillon start with the same configuration, or omit --wait",
  });
};

const progressOf = (view: MessageView | undefined): string => {
  const last = view?.lineage.at(-1);
  const status = view?.status ?? "accepted";
  return last?.outcome === "scheduled" ? `${status}, waiting for attempt ${last.details.nextAttempt}` : status;
};

const gaveUp = (id: string, view: MessageView | undefined, timeoutMs: number): CarillonError =>
  new CarillonError("DEADLINE_PASSED", `${id} is ${view?.status ?? "not yet in the lineage store"} after ${timeoutMs / 1_000} s`, {
    fix: view ? `check again later: carillon status ${id}` : "check that Carillon runs with this configuration, or run carillon start",
  });

/** Waits until the message is final, and reports its state meanwhile. Rejects once no process works on it. */
export const waitForFinal = async (
  deployment: Pick<Deployment, "messages" | "unservedAt" | "lookEveryMs">,
  id: string,
  timeoutMs = 60_000,
): Promise<MessageView> => {
  const beginMs = Date.now();
  let shown = "";
  for (;;) {
    const view = await deployment.messages.find(id);
    if (view?.final) return view;
    assertServed(deployment);
    const line = progressOf(view);
    if (line !== shown) sayAside(`${line} …`);
    shown = line;
    if (Date.now() - beginMs > timeoutMs) throw gaveUp(id, view, timeoutMs);
    await new Promise((resolve) => setTimeout(resolve, deployment.lookEveryMs));
  }
};
