import type { Provider } from "../processors/provider.js";
import type { ProviderTools } from "../sinks/providers/definition.js";
import type { Cells } from "../stores/cells/cells.js";
import { keys } from "../stores/keys.js";

export interface ReceiptLogDependencies {
  readonly cells: Cells;
  readonly receive: ProviderTools["receive"];
}

const keepMs = 30 * 86_400_000;
const mostPages = 1_000;

/** Reads new lines from a provider's own log. The cursor moves only once Carillon's log has stored them. */
export const readReceiptLog = async (
  provider: Provider,
  { cells, receive }: ReceiptLogDependencies,
  signal: AbortSignal,
): Promise<number> => {
  const { receiptLog, name, channel } = provider;
  if (!receiptLog) return 0;
  const group = keys.cells.receiptLog(channel);
  let cursor = await cells.get(group, name);
  let count = 0;
  for (let pages = 0; pages < mostPages && !signal.aborted; pages += 1) {
    const page = await receiptLog.next(cursor, signal);
    if (page.lines.length > 0) await receive({ name, channel }, "log", page.lines);
    count += page.lines.length;
    cursor = page.cursor;
    await cells.set(group, name, cursor, keepMs);
    if (!page.more) break;
  }
  return count;
};
