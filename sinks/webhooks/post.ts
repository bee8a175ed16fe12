import { type Agent, request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import { RequestFilteringHttpAgent, RequestFilteringHttpsAgent } from "request-filtering-agent";

export interface PostAnswer {
  readonly status: number;
  readonly retryAfter: string | null;
}

export interface Poster {
  /** Posts JSON and resolves with the answer's status; its body is not read. Rejects when there is no answer. */
  post(url: string, headers: Readonly<Record<string, string>>, body: string, signal: AbortSignal): Promise<PostAnswer>;
  close(): void;
}

/** Posts to addresses that tenants give: never to private networks, whatever their names resolve to, unless that is allowed; follows no redirect. */
export const createPoster = (allowPrivate: boolean): Poster => {
  const options = { allowPrivateIPAddress: allowPrivate, allowMetaIPAddress: false, keepAlive: true, maxSockets: 100 };
  const agents: Readonly<Record<string, Agent>> = {
    "http:": new RequestFilteringHttpAgent(options),
    "https:": new RequestFilteringHttpsAgent(options),
  };
  return {
    post: (address, headers, body, signal) =>
      new Promise((resolve, reject) => {
        const url = new URL(address);
        const agent = agents[url.protocol];
        if (!agent) throw new Error(`${url.protocol} is not http: or https:`);
        const request = url.protocol === "https:" ? httpsRequest : httpRequest;
        const call = request(
          url,
          {
            method: "POST",
            agent,
            signal,
            headers: { ...headers, "content-type": "application/json", "content-length": Buffer.byteLength(body) },
          },
          (response) => {
            response.resume();
            response.on("error", () => undefined);
            resolve({ status: response.statusCode ?? 0, retryAfter: response.headers["retry-after"] ?? null });
          },
        );
        call.on("error", reject);
        call.end(body);
      }),
    close: () => {
      for (const agent of Object.values(agents)) agent.destroy();
    },
  };
};
