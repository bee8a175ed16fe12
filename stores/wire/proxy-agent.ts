import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import { Agent, type AgentConnectOpts } from "agent-base";
import { HttpProxyAgent } from "http-proxy-agent";
import { HttpsProxyAgent } from "https-proxy-agent";
import { proxyFor } from "./proxy-environment.js";

const pool = { keepAlive: true, maxSockets: 50 };

/** An agent for clients that stand on node:http: each request goes by the proxy that the environment names for it, or directly. */
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

const agentBy = (proxy: URL, secure: boolean): HttpAgent => (secure ? new HttpsProxyAgent(proxy, pool) : new HttpProxyAgent(proxy, pool));
