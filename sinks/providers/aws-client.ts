import { EnvironmentProxyAgent } from "../../wire/proxy-agent.js";
import { proxyAddresses } from "../../wire/proxy-environment.js";

/** Longest wait for a connection: shorter than the usual deadlines of a call. */
const connectionTimeout = 8_000;

/** A connection that stays silent for longer is closed. Longer than the longest poll of a queue (20 s). */
const socketTimeout = 30_000;

/** Options of every AWS client: one attempt per call, and the proxies from the environment. */
export const awsClientOptions = ({ region, endpoint }: { readonly region: string; readonly endpoint: string | null }) => {
  const agent = proxyAddresses(process.env).length > 0 ? new EnvironmentProxyAgent() : undefined;
  return {
    region,
    ...(endpoint ? { endpoint } : {}),
    maxAttempts: 1,
    requestHandler: { connectionTimeout, socketTimeout, ...(agent ? { httpAgent: agent, httpsAgent: agent } : {}) },
  };
};
