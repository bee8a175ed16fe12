import { gunzipSync } from "node:zlib";

/**
 * An AWS Lambda function: forwards SNS's delivery status from CloudWatch Logs to Carillon's callback. It has no dependencies except Node.js
 * modules. If it rejects, Lambda retries; duplicates are harmless.
 */

/** Source: CloudWatch Logs user guide, Subscription filters with AWS Lambda. */
export interface LogsEvent {
  readonly awslogs: { readonly data: string };
}

interface LogsData {
  readonly messageType: string;
  readonly logEvents: readonly { readonly id: string; readonly timestamp: number; readonly message: string }[];
}

const deadlineMs = 10_000;
const bundleSize = 100;

const entriesOf = ({ logEvents }: LogsData): unknown[] =>
  logEvents.flatMap(({ message }) => {
    try {
      const entry = JSON.parse(message) as { readonly notification?: unknown };
      return entry.notification ? [entry] : [];
    } catch {
      return []; // not an entry of the delivery log
    }
  });

const required = (name: string): string => {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set`);
  return value;
};

const post = async (entries: readonly unknown[]): Promise<void> => {
  const response = await fetch(required("CARILLON_CALLBACK_URL"), {
    method: "POST",
    redirect: "error",
    signal: AbortSignal.timeout(deadlineMs),
    headers: { "content-type": "application/json", "x-callback-token": required("CARILLON_CALLBACK_TOKEN") },
    body: JSON.stringify(entries),
  });
  if (!response.ok) throw new Error(`Carillon returned ${response.status}: ${(await response.text()).slice(0, 300)}`);
};

export const handler = async (event: LogsEvent): Promise<{ readonly forwarded: number; readonly ignored: number }> => {
  const data = JSON.parse(gunzipSync(Buffer.from(event.awslogs.data, "base64")).toString()) as LogsData;
  if (data.messageType !== "DATA_MESSAGE") return { forwarded: 0, ignored: data.logEvents?.length ?? 0 };
  const entries = entriesOf(data);
  for (let from = 0; from < entries.length; from += bundleSize) await post(entries.slice(from, from + bundleSize));
  const ignored = data.logEvents.length - entries.length;
  // other lines of the log group: CloudWatch shows their number
  if (ignored > 0) console.log(JSON.stringify({ ignored, reason: "not_delivery_status" }));
  return { forwarded: entries.length, ignored };
};
