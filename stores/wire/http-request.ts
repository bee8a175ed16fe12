import { Agent, DecoratorHandler, type Dispatcher, ProxyAgent, request } from "undici";
import { proxyFor } from "./proxy-environment.js";

/** Longest wait for a connection, TLS included: below the shortest deadline that is usual for a call. */
const connectTimeoutMs = 8_000;

const dispatchers = new Map<string, Dispatcher>();

/** One pool for direct connections, and one for each proxy that the environment names. */
const dispatcherFor = (url: URL): Dispatcher => {
  const proxy = proxyFor(url);
  // plain HTTP goes to a proxy in absolute form, since many refuse tunnels to port 80
  const key = proxy ? `${url.protocol}${proxy.href}` : "";
  const known = dispatchers.get(key);
  if (known) return known;
  const connect = { timeout: connectTimeoutMs };
  const made = proxy
    ? new ProxyAgent({ uri: proxy.href, proxyTunnel: url.protocol === "https:", proxyTls: connect, requestTls: connect })
    : new Agent({ connect });
  dispatchers.set(key, made);
  return made;
};

/** The handler, with word of the moment at which the request begins to leave. */
const watched = (handler: Dispatcher.DispatchHandler, onSending: () => void): Dispatcher.DispatchHandler => {
  const decorated = new DecoratorHandler(handler) as Dispatcher.DispatchHandler;
  const start = decorated.onRequestStart?.bind(decorated);
  decorated.onRequestStart = (controller, context) => {
    onSending();
    start?.(controller, context);
  };
  return decorated;
};

export interface OutgoingRequest {
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
  readonly signal: AbortSignal | undefined;
  /** Called once a connection is there, before the first byte of the request leaves. */
  readonly onSending?: () => void;
}

/**
 * One HTTP request by way of the proxy that the environment names, if any. Follows no redirect. Rejects when there is no answer.
 * The caller reads or destroys the body.
 */
export const sendRequest = ({ url, method, headers, body, signal, onSending }: OutgoingRequest): Promise<Dispatcher.ResponseData> => {
  const direct = dispatcherFor(new URL(url));
  const dispatcher = onSending
    ? direct.compose((dispatch) => (options, handler) => dispatch(options, watched(handler, onSending)))
    : direct;
  return request(url, { method: method as Dispatcher.HttpMethod, headers, body, dispatcher, signal: signal ?? null });
};
