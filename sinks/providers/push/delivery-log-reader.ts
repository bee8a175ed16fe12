import {
  CloudWatchLogsClient,
  type CloudWatchLogsClientConfig,
  FilterLogEventsCommand,
  type FilterLogEventsCommandOutput,
} from "@aws-sdk/client-cloudwatch-logs";
import type { ReceiptLog } from "../../../processors/provider.js";
import type { Clock } from "../../../stores/clock.js";

/** CloudWatch may ingest entries this late, so the latest span is read again. */
const overlapMs = 120_000;
const pageSize = 10_000;

interface Cursor {
  readonly sinceMs: number;
  readonly token?: string;
  readonly group: number;
  /** When the round over all groups began. The next one begins there, however long this one takes. Absent in older cursors. */
  readonly beganMs?: number;
}

type Page = Pick<FilterLogEventsCommandOutput, "events" | "nextToken">;
const isNamed = (error: unknown, name: string): boolean => error instanceof Error && error.name === name;

/** Reads SNS's delivery status from CloudWatch Logs, page by page. Source: CloudWatch Logs API reference, FilterLogEvents. */
export const createDeliveryLogReader = (
  config: CloudWatchLogsClientConfig,
  groups: readonly string[],
  clock: Pick<Clock, "now">,
): { readonly receiptLog: ReceiptLog; close(): void } => {
  const client = new CloudWatchLogsClient(config);
  const read = ({ sinceMs, token, group }: Cursor, signal: AbortSignal): Promise<Page> =>
    client.send(
      new FilterLogEventsCommand({
        logGroupName: groups[group] ?? groups[0],
        startTime: sinceMs,
        limit: pageSize,
        ...(token ? { nextToken: token } : {}),
      }),
      { abortSignal: signal },
    );
  /** A group that does not exist yet is empty: SNS makes the one of failures with the first failure. A page's token expires. */
  const pageOf = async (cursor: Cursor, signal: AbortSignal): Promise<Page> => {
    try {
      return await read(cursor, signal);
    } catch (error) {
      if (isNamed(error, "ResourceNotFoundException")) return { events: [] };
      if (cursor.token === undefined || !isNamed(error, "InvalidParameterException")) throw error;
      return read({ sinceMs: cursor.sinceMs, group: cursor.group }, signal);
    }
  };
  const next = async (text: string | undefined, signal: AbortSignal): ReturnType<ReceiptLog["next"]> => {
    const cursor: Cursor = text ? JSON.parse(text) : { sinceMs: clock.now() - overlapMs, group: 0 };
    const { sinceMs, group } = cursor;
    const beganMs = cursor.beganMs ?? (group === 0 && cursor.token === undefined ? clock.now() : sinceMs + overlapMs);
    const { events = [], nextToken } = await pageOf(cursor, signal);
    const lines = events.map(({ message }) => Buffer.from(message ?? ""));
    if (nextToken) return { lines, cursor: JSON.stringify({ sinceMs, token: nextToken, group, beganMs }), more: true };
    if (group + 1 < groups.length) return { lines, cursor: JSON.stringify({ sinceMs, group: group + 1, beganMs }), more: true };
    return { lines, cursor: JSON.stringify({ sinceMs: Math.max(sinceMs, beganMs - overlapMs), group: 0 }), more: false };
  };
  return { receiptLog: { next }, close: () => client.destroy() };
};
