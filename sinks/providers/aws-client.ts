import { longestDeadlineMs } from "../../stores/start-deadline.js";
import { EnvironmentProxyAgent } from "../../wire/proxy-agent.js";
import { proxyAddresses } from "../../wire/proxy-environment.js";

/** Longest wait for a connection: shorter than the usual deadlines of a call. */
const connectionTimeout = 8_000;

/** A connection that stays silent for longer is closed. Longer than the longest poll of a queue (20 s). */
const leastSocketTimeout = 30_000;

interface AwsClientSettings {
  readonly region: string;
  readonly endpoint: string | null;
  /** The deadline of a call. It ends the call and aborts its request, so the client's own timer must not end before it. */
  readonly sendTimeoutMs: number;
}

/** Options of every AWS client: one attempt per call, and the proxies from the environment. */
export const awsClientOptions = ({ region, endpoint, sendTimeoutMs }: AwsClientSettings) => {
  const agent = proxyAddresses(process.env).length > 0 ? new EnvironmentProxyAgent() : undefined;
  return {
    region,
    ...(endpoint ? { endpoint } : {}),
    maxAttempts: 1,
    requestHandler: {
      connectionTimeout,
      socketTimeout: Math.max(leastSocketTimeout, longestDeadlineMs(sendTimeoutMs)),
      ...(agent ? { httpAgent: agent, httpsAgent: agent } : {}),
    },
  };
};
