import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** One request as the peer received it. */
export interface PeerCall {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

export type PeerAnswer = (response: ServerResponse, call: PeerCall) => void;

export const answerJson =
  (status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): PeerAnswer =>
  (response) => {
    response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(body));
  };

/** An HTTP test server in a provider's place. */
export const startHttpPeer = async (first: PeerAnswer) => {
  const calls: PeerCall[] = [];
  const state = { answer: first };
  const receive = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    let body = "";
    for await (const chunk of request) body += String(chunk);
    const call = { method: request.method ?? "", url: request.url ?? "", headers: request.headers, body };
    calls.push(call);
    state.answer(response, call);
  };
  const server = createServer((request, response) => void receive(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    /** Sets its answer from now on. */
    answers: (answer: PeerAnswer) => {
      state.answer = answer;
    },
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};

export type HttpPeer = Awaited<ReturnType<typeof startHttpPeer>>;
