import { EnvironmentProxyAgent } from "../../wire/proxy-agent.js";
import { proxyAddresses } from "../../wire/proxy-environment.js";

/** Longest wait for a connection: below the shortest deadline that is usual for a call. */
const connectionTimeout = 8_000;

/** A connection that stays silent for longer is closed: above the longest poll of a queue (20 s). */
const socketTimeout = 30_000;

/** What every client of AWS is made with: one try a call, and the proxies that the environment names. */
export const awsClientOptions = ({ region, endpoint }: { readonly region: string; readonly endpoint: string | null }) => {
  const agent = proxyAddresses(process.env).length > 0 ? new EnvironmentProxyAgent() : undefined;
  return {
    region,
    ...(endpoint ? { endpoint } : {}),
    maxAttempts: 1,
    requestHandler: { connectionTimeout, socketTimeout, ...(agent ? { httpAgent: agent, httpsAgent: agent } : {}) },
  };
};
