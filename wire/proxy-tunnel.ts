import { connect as connectTcp, isIP, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";

/** Longest header of a proxy's answer. */
const mostHeaderBytes = 16_384;
const headerEnd = "\r\n\r\n";

/** The proxy did not open a tunnel, so nothing was sent. */
class ProxyRefused extends Error {
  readonly code = "EPROXY";
}

const openSocket = (proxy: URL): Socket => {
  const secure = proxy.protocol === "https:";
  const host = proxy.hostname.replace(/^\[(.*)\]$/, "$1");
  const port = Number(proxy.port || (secure ? 443 : 80));
  if (!secure) return connectTcp({ host, port });
  return connectTls({ host, port, ...(isIP(host) === 0 ? { servername: host } : {}) });
};

const requestOf = (proxy: URL, host: string, port: number): string => {
  const target = `${isIP(host) === 6 ? `[${host}]` : host}:${port}`;
  const account = [proxy.username, proxy.password].map(decodeURIComponent).join(":");
  const authorization = account === ":" ? "" : `Proxy-Authorization: Basic ${Buffer.from(account).toString("base64")}\r\n`;
  return `CONNECT ${target} HTTP/1.1\r\nHost: ${target}\r\n${authorization}\r\n`;
};

/** The problem in the proxy's answer; undefined: the tunnel is open. Source: RFC 9110, 9.3.6. */
const problemOf = (header: string): string | undefined => {
  const status = /^HTTP\/1\.[01] (\d{3})(?: |\r\n)/.exec(header)?.[1];
  if (status === undefined) return "the proxy does not respond like an HTTP proxy";
  return status.startsWith("2") ? undefined : `the proxy returned ${status}`;
};

/**
 * Connects to a host through a proxy. Rejects and leaves nothing open if the proxy does not open the tunnel within the deadline, whether it
 * stays silent, hangs up or never stops sending.
 */
export const openTunnel = (proxy: URL, host: string, port: number, deadlineMs: number): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const socket = openSocket(proxy);
    let received = Buffer.alloc(0);
    const settle = (): void => {
      clearTimeout(timer);
      for (const event of ["data", "error", "close"]) socket.removeAllListeners(event);
    };
    const fail = (problem: string, cause?: Error): void => {
      settle();
      socket.on("error", () => undefined).destroy();
      reject(new ProxyRefused(problem, cause ? { cause } : {}));
    };
    const timer = setTimeout(() => fail(`the proxy opened no connection within ${deadlineMs} ms`), deadlineMs);
    socket.once(proxy.protocol === "https:" ? "secureConnect" : "connect", () => socket.write(requestOf(proxy, host, port)));
    socket.on("error", (error) => fail("the proxy cannot be reached", error));
    socket.on("close", () => fail("the proxy closed the connection before it opened a tunnel"));
    socket.on("data", (bytes: Buffer) => {
      received = Buffer.concat([received, bytes]);
      const end = received.indexOf(headerEnd);
      if (end < 0 && received.length <= mostHeaderBytes) return;
      const problem = end < 0 ? "the proxy's response is too long" : problemOf(received.toString("latin1", 0, end + headerEnd.length));
      if (problem !== undefined) return fail(problem);
      settle();
      socket.pause();
      if (received.length > end + headerEnd.length) socket.unshift(received.subarray(end + headerEnd.length));
      resolve(socket);
    });
  });
