import { CloudWatchLogsClient, type CloudWatchLogsClientConfig, FilterLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import type { ReceiptLog } from "../../../processors/provider.js";
import type { Clock } from "../../../stores/clock.js";

/** CloudWatch may ingest entries this late, so the latest span is read again. */
const overlapMs = 120_000;
const pageSize = 10_000;

interface Cursor {
  readonly sinceMs: number;
  readonly token?: string;
  readonly group: number;
}

/** Reads SNS's delivery status from CloudWatch Logs, page by page. Source: CloudWatch Logs API reference, FilterLogEvents. */
export const createDeliveryLogReader = (
  config: CloudWatchLogsClientConfig,
  groups: readonly string[],
  clock: Pick<Clock, "now">,
): { readonly receiptLog: ReceiptLog; close(): void } => {
  const client = new CloudWatchLogsClient(config);
  const next = async (text: string | undefined, signal: AbortSignal): ReturnType<ReceiptLog["next"]> => {
    const { sinceMs, token, group }: Cursor = text ? JSON.parse(text) : { sinceMs: clock.now() - overlapMs, group: 0 };
    const request = new FilterLogEventsCommand({
      logGroupName: groups[group] ?? groups[0],
      startTime: sinceMs,
      limit: pageSize,
      ...(token ? { nextToken: token } : {}),
    });
    const { events = [], nextToken } = await client.send(request, { abortSignal: signal });
    const lines = events.map(({ message }) => Buffer.from(message ?? ""));
    if (nextToken) return { lines, cursor: JSON.stringify({ sinceMs, token: nextToken, group }), more: true };
    if (group + 1 < groups.length) return { lines, cursor: JSON.stringify({ sinceMs, group: group + 1 }), more: true };
    return { lines, cursor: JSON.stringify({ sinceMs: Math.max(sinceMs, clock.now() - overlapMs), group: 0 }), more: false };
  };
  return { receiptLog: { next }, close: () => client.destroy() };
};
