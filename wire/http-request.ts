import type { Readable } from "node:stream";
import { Agent, buildConnector, DecoratorHandler, type Dispatcher, ProxyAgent, request } from "undici";
import type { HttpConnections } from "./http-connections.js";
import { proxyFor } from "./proxy-environment.js";
import { openTunnel } from "./proxy-tunnel.js";
import { createStallWatch } from "./stall-watch.js";

/** Longest wait for a connection including TLS: shorter than the usual deadlines of a call. */
export const connectTimeoutMs = 8_000;

const connect = { timeout: connectTimeoutMs };

/** Connects through the proxy's CONNECT. undici's own tunnels reconnect without pause when a proxy hangs up. */
const connectorThrough = (proxy: URL): buildConnector.connector => {
  const encrypt = buildConnector(connect);
  return (options, callback) => {
    const host = options.hostname.replace(/^\[(.*)\]$/, "$1");
    openTunnel(proxy, host, Number(options.port || 443), connectTimeoutMs).then(
      (httpSocket) => encrypt({ ...options, httpSocket }, callback),
      (error: Error) => callback(error, null),
    );
  };
};

const dispatcherBy = (proxy: URL | undefined, secure: boolean): Dispatcher => {
  if (!proxy) return new Agent({ connect });
  if (secure) return new Agent({ connect: connectorThrough(proxy) });
  // plain HTTP uses absolute form at the proxy, because many proxies refuse tunnels to port 80
  return new ProxyAgent({ uri: proxy.href, proxyTunnel: false, proxyTls: connect, requestTls: connect });
};

/**
 * One pool for direct connections, and one for each proxy in the environment. Servers close unused connections while this process is
 * stalled. A request on such a connection would fail after its first byte, so new connections are opened after a stall.
 */
export const createHttpConnections = (open: (proxy: URL | undefined, secure: boolean) => Dispatcher): HttpConnections => {
  const dispatchers = new Map<string, Dispatcher>();
  const stalls = createStallWatch();
  const closeAll = async (): Promise<void> => {
    const all = [...dispatchers.values()];
    dispatchers.clear();
    await Promise.all(all.map((dispatcher) => dispatcher.close()));
  };
  return {
    dispatcherFor: (url, isDirect) => {
      if (stalls.wasStalled()) void closeAll(); // once their requests have ended
      const proxy = isDirect ? undefined : proxyFor(url);
      const key = proxy ? `${url.protocol}${proxy.href}` : "";
      const known = dispatchers.get(key);
      if (known) return known;
      const made = open(proxy, url.protocol === "https:");
      dispatchers.set(key, made);
      return made;
    },
    close: closeAll,
  };
};

/** The connections of the process, to any address. */
export const sharedConnections = createHttpConnections(dispatcherBy);

/** Wraps the handler and reports the moment at which the request starts to be sent. */
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
  /** A stream is sent as it is read. */
  readonly body: string | Readable | null;
  readonly signal: AbortSignal | undefined;
  /** Past any proxy: to this machine itself. */
  readonly isDirect?: boolean;
  /** Default: those of the process, which connect to any address. */
  readonly connections?: HttpConnections | undefined;
  /** Called once connected, before the first byte of the request is sent. */
  readonly onSending?: () => void;
}

/**
 * One HTTP request, through the environment's proxy if there is one. Follows no redirect. Rejects if there is no answer.
 * The caller reads or destroys the body.
 */
export const sendRequest = (outgoing: OutgoingRequest): Promise<Dispatcher.ResponseData> => {
  const { url, method, headers, body, signal, onSending, isDirect = false, connections = sharedConnections } = outgoing;
  const plain = connections.dispatcherFor(new URL(url), isDirect) as Dispatcher;
  const dispatcher = onSending ? plain.compose((dispatch) => (options, handler) => dispatch(options, watched(handler, onSending))) : plain;
  return request(url, { method: method as Dispatcher.HttpMethod, headers, body, dispatcher, signal: signal ?? null });
};
