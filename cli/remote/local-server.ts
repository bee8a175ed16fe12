import type { Config } from "../../config/schema.js";
import { serverAt } from "../../stores/folder-lock.js";
import { sendRequest } from "../../wire/http-request.js";
import { runHeader } from "../../wire/run-header.js";
import type { Address } from "./address.js";

/** A server on this machine answers at once. If it does not, the command opens the stores. */
const deadlineMs = 2_000;

/** The address on this machine of a listener on all addresses. */
const onThisMachine = (url: string): string => url.replace("//0.0.0.0:", "//127.0.0.1:").replace("//[::]:", "//[::1]:");

const headersOf = async (url: string, key: string | undefined) => {
  const headers: Record<string, string> = key === undefined ? {} : { authorization: `Bearer ${key}` };
  const response = await sendRequest({ url, method: "GET", headers, body: null, signal: AbortSignal.timeout(deadlineMs), isDirect: true });
  await response.body.dump();
  return { status: response.statusCode, headers: response.headers };
};

/**
 * The server that runs on the configured data folder on this machine. The holder of the folder's lock records its address and its run
 * there. The server gets a key only once it has reported the same run, so that another server at that address gets none. Undefined:
 * commands open the stores.
 */
export const localServerOf = async ({ profile, dataDir, http }: Config): Promise<Address | undefined> => {
  const found = profile === "embedded" ? serverAt(dataDir) : undefined;
  const key = http.apiKeys.find(({ role }) => role === "operator")?.key;
  if (!found || (key === undefined && http.apiKeys.length > 0)) return undefined;
  const url = onThisMachine(found.url);
  try {
    const { headers } = await headersOf(`${url}/healthz`, undefined);
    if (headers[runHeader] !== found.run) return undefined;
    // its keys may differ from the current configuration
    const { status } = await headersOf(`${url}/v1/encryption`, key);
    return status === 200 ? { url, key, isLocal: true } : undefined;
  } catch {
    return undefined;
  }
};
