import { randomUUID } from "node:crypto";
import { type Server, STATUS_CODES } from "node:http";
import type { Socket } from "node:net";
import { requestIdHeader, safeHeaders } from "./safe-headers.js";

interface Refusal {
  readonly status: number;
  readonly detail: string;
}

/** Requests that Node.js's parser refuses, by code. Source: Node.js documentation, Event: 'clientError'. */
const refusals: Readonly<Record<string, Refusal>> = {
  ERR_HTTP_REQUEST_TIMEOUT: { status: 408, detail: "the request did not arrive in time" },
  HPE_HEADER_OVERFLOW: { status: 431, detail: "the headers are too large" },
  HPE_CHUNK_EXTENSIONS_OVERFLOW: { status: 413, detail: "the chunk extensions are too large" },
};
const malformed: Refusal = { status: 400, detail: "the request is not valid HTTP/1.1" };

const bodyOf = ({ status, detail }: Refusal): string =>
  JSON.stringify({ type: "about:blank", title: STATUS_CODES[status] ?? "Error", status, detail });

const headersOf = (body: string): Readonly<Record<string, string>> => ({
  ...safeHeaders,
  [requestIdHeader]: randomUUID(),
  "content-type": "application/problem+json; charset=utf-8",
  "content-length": String(Buffer.byteLength(body)),
  connection: "close",
});

/** Answers bytes that are not a request, or an oversized one, in the same way as every other refusal. No route hook sees them. */
export const answerUnparsed = (error: NodeJS.ErrnoException, socket: Socket): void => {
  if (error.code === "ECONNRESET" || !socket.writable) {
    socket.destroy(error);
    return;
  }
  const refusal = Object.hasOwn(refusals, error.code ?? "") ? (refusals[error.code ?? ""] ?? malformed) : malformed;
  const body = bodyOf(refusal);
  const lines = Object.entries(headersOf(body)).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(`HTTP/1.1 ${refusal.status} ${STATUS_CODES[refusal.status] ?? ""}\r\n${lines.join("")}\r\n${body}`);
};

/** Answers an Expect other than 100-continue, which Node.js would refuse with bare headers. */
export const refuseExpectations = (server: Server): void => {
  server.on("checkExpectation", (_request, response) => {
    const body = bodyOf({ status: 417, detail: "Expect: only 100-continue is supported" });
    response.writeHead(417, headersOf(body)).end(body);
  });
};
