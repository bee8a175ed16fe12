import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";

/** Forwards connections to a server. It can cut them, or leave them open and silent. */
export const startTcpProxy = async (host: string, port: number) => {
  const sockets = new Set<Socket>();
  let silent = false;
  let swallowed = 0;
  const drop = (socket: Socket): void => {
    socket.on("data", () => {
      swallowed += 1;
    });
  };
  const pass = (client: Socket): void => {
    const server = connect(port, host);
    for (const [one, other] of [[client, server] as const, [server, client] as const]) {
      sockets.add(one);
      one.on("error", () => other.destroy());
      one.on("close", () => {
        sockets.delete(one);
        other.destroy();
      });
      if (silent) drop(one);
      else one.pipe(other);
    }
  };
  let listening: Server;
  const listen = async (at: number): Promise<number> => {
    listening = createServer(pass);
    await new Promise<void>((resolve) => listening.listen(at, "127.0.0.1", resolve));
    return (listening.address() as AddressInfo).port;
  };
  const own = await listen(0);
  const cut = async (): Promise<void> => {
    const closed = new Promise((resolve) => listening.close(resolve));
    for (const socket of sockets) socket.destroy();
    await closed;
  };
  /** From now on every connection stays open and passes nothing, as after the loss of a host or a firewall's connection state. */
  const swallow = (): void => {
    silent = true;
    for (const socket of sockets) drop(socket.unpipe());
  };
  /** Forwards new connections again; silent ones stay silent. */
  const passNew = (): void => {
    silent = false;
  };
  return { host: "127.0.0.1", port: own, cut, mend: () => listen(own), swallow, swallowed: () => swallowed, passNew, stop: cut };
};
