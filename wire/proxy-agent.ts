import { type ClientRequest, Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import { isIP, type Socket } from "node:net";
import { type ConnectionOptions, connect as connectTls } from "node:tls";
import { Agent, type AgentConnectOpts } from "agent-base";
import { HttpProxyAgent } from "http-proxy-agent";
import { proxyFor } from "./proxy-environment.js";
import { openTunnel } from "./proxy-tunnel.js";

const pool = { keepAlive: true, maxSockets: 50 };
/** Longest wait for a tunnel: shorter than the usual deadlines of a call. */
const tunnelTimeoutMs = 8_000;

/** An agent that reaches every host through the proxy's CONNECT. */
export class TunnelAgent extends Agent {
  constructor(
    private readonly proxy: URL,
    private readonly timeoutMs = tunnelTimeoutMs,
  ) {
    super(pool);
  }

  override async connect(request: ClientRequest, options: AgentConnectOpts): Promise<Socket> {
    const { secureEndpoint, port } = options;
    const { host = "localhost", path: _, ...others } = options as ConnectionOptions & { readonly path?: string };
    const socket = await openTunnel(this.proxy, host, port, this.timeoutMs);
    if (!secureEndpoint) {
      request.once("socket", () => socket.resume());
      return socket;
    }
    const servername = others.servername ?? (isIP(host) === 0 ? host : undefined);
    return connectTls({ ...others, host, ...(servername ? { servername } : {}), socket });
  }
}

/** An agent for clients based on node:http. Sends each request through the environment's proxy for it, or directly. */
export class EnvironmentProxyAgent extends Agent {
  private readonly agents = new Map<string, HttpAgent>();

  constructor() {
    super({ keepAlive: true });
  }

  override connect(_request: unknown, options: AgentConnectOpts): HttpAgent {
    const { secureEndpoint, port } = options;
    const { host = "localhost" } = options as { readonly host?: string };
    const name = host.includes(":") ? `[${host}]` : host;
    const proxy = proxyFor(new URL(`${secureEndpoint ? "https" : "http"}://${name}:${port}`));
    const key = `${secureEndpoint ? "https" : "http"} ${proxy?.href ?? ""}`;
    const known = this.agents.get(key);
    if (known) return known;
    const made = proxy ? agentBy(proxy, secureEndpoint) : secureEndpoint ? new HttpsAgent(pool) : new HttpAgent(pool);
    this.agents.set(key, made);
    return made;
  }

  override destroy(): void {
    for (const agent of this.agents.values()) agent.destroy();
    super.destroy();
  }
}

const agentBy = (proxy: URL, secure: boolean): HttpAgent => (secure ? new TunnelAgent(proxy) : new HttpProxyAgent(proxy, pool));
