import { createServer, request as forward } from "node:http";
import { type AddressInfo, connect } from "node:net";

/** A forward proxy on loopback for tests. Records its requests and their credentials. */
export const startHttpProxy = async () => {
  const asked: string[] = [];
  const state: { status: number | undefined } = { status: undefined };
  const note = (line: string, authorization: string | undefined): void => {
    asked.push(authorization ? `${line} ${Buffer.from(authorization.replace("Basic ", ""), "base64").toString()}` : line);
  };
  const server = createServer((request, response) => {
    note(`${request.method} ${request.url}`, request.headers["proxy-authorization"]);
    if (state.status !== undefined) return response.writeHead(state.status).end();
    const { "proxy-authorization": _, "proxy-connection": __, ...headers } = request.headers;
    const onward = forward(request.url ?? "", { method: request.method ?? "GET", headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    onward.on("error", () => response.writeHead(502).end());
    return request.pipe(onward);
  });
  server.on("connect", (request, socket) => {
    note(`CONNECT ${request.url}`, request.headers["proxy-authorization"]);
    socket.on("error", () => undefined);
    if (state.status !== undefined) {
      socket.write(`HTTP/1.1 ${state.status} Refused\r\ncontent-length: 0\r\n\r\n`);
      return setTimeout(() => socket.destroy(), 200);
    }
    const [host, port] = [request.url?.replace(/:\d+$/, "") ?? "", Number(request.url?.split(":").at(-1))];
    const onward = connect(port, host.replace(/^\[|\]$/g, ""), () => socket.write("HTTP/1.1 200 Connection established\r\n\r\n"));
    onward.on("error", () => socket.destroy());
    return onward.pipe(socket).pipe(onward);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    asked,
    /** Refuses from now on with this status; undefined: forwards again. */
    refuses: (status: number | undefined) => {
      state.status = status;
    },
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};

export type HttpProxy = Awaited<ReturnType<typeof startHttpProxy>>;
