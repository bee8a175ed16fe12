import type { lookup as lookUp } from "node:dns";
import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import type { AddressUse } from "./address-guard.js";
import { createGuardedWays, requestOver } from "./guarded-ways.js";

/** Reads JSON from addresses that tenants configure, under the same guard as their providers. */
export interface JsonReader {
  /** Rejects without an answer of 200 with at most `mostBytes`. Follows no redirect. */
  read(url: string, signal: AbortSignal): Promise<unknown>;
  close(): void;
}

const mostBytes = 262_144;

const use: AddressUse = {
  what: "addresses of tenants",
  key: "tenants.allowAddresses",
  secure: "over https",
  insecure: "http",
};

const bodyOf = async (response: IncomingMessage): Promise<string> => {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of response as AsyncIterable<Buffer>) {
    size += part.length;
    if (size > mostBytes) throw new Error(`the answer has more than ${mostBytes} bytes`);
    parts.push(part);
  }
  return Buffer.concat(parts).toString();
};

export const createJsonReader = (allowed: readonly string[], resolve?: typeof lookUp): JsonReader => {
  const ways = createGuardedWays(allowed, resolve, use);
  return {
    read: async (address, signal) => {
      const url = new URL(address);
      const call = requestOver(url, {
        method: "GET",
        headers: { accept: "application/json", host: url.host },
        signal,
        ...(await ways.to(url)),
      });
      call.end();
      const [response] = (await once(call, "response")) as [IncomingMessage];
      try {
        if (response.statusCode !== 200) throw new Error(`the answer has the status ${response.statusCode}`);
        return JSON.parse(await bodyOf(response));
      } finally {
        response.destroy();
      }
    },
    close: ways.close,
  };
};
