import { CarillonError } from "../schemas/errors.js";
import type { LineageStore, MessageDocument } from "../stores/lineage-store/lineage-store.js";

const everyMs = 100;

/** Resolves with a message once its status is final. Rejects DEADLINE_PASSED after `timeoutMs`. */
export const waitUntilFinal = async (lineage: Pick<LineageStore, "find">, id: string, timeoutMs = 60_000): Promise<MessageDocument> => {
  const endMs = Date.now() + timeoutMs;
  for (;;) {
    const document = await lineage.find(id);
    if (document?.final) return document;
    if (Date.now() > endMs) {
      const status = document?.status ?? "not yet in the lineage store";
      throw new CarillonError("DEADLINE_PASSED", `${id} is ${status} after ${timeoutMs / 1_000} s`);
    }
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
};
