import { type Dispatcher, fetch } from "undici";
import { sharedConnections } from "./http-request.js";

export interface FetchOptions {
  readonly method?: string | undefined;
  readonly headers?: Record<string, string> | undefined;
  readonly body?: string | URLSearchParams | Uint8Array | ArrayBuffer | ReadableStream | undefined | null;
  readonly redirect?: "manual" | "follow" | "error" | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** `fetch` for libraries, through the proxies of the environment as in all other requests. */
export const proxiedFetch = async (url: string, options: FetchOptions): Promise<Response> => {
  const { body = null, ...rest } = options;
  const answer = await fetch(url, {
    ...(rest as object),
    body: body as string | null,
    dispatcher: sharedConnections.dispatcherFor(new URL(url), false) as Dispatcher,
  });
  return answer as unknown as Response;
};
