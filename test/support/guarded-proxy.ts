import { readFileSync } from "node:fs";
import { request as forward } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import type { Certificates } from "../servers/certificates.js";

/** Adds mutual TLS and an account in front of an HTTP server, like a gateway. */
export const startGuardedProxy = async (
  target: string,
  { caFile, certFile, keyFile }: Certificates,
  { username, password }: { readonly username: string; readonly password: string },
) => {
  const expected = `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
  const files = { ca: readFileSync(caFile), cert: readFileSync(certFile), key: readFileSync(keyFile) };
  const server = createServer({ ...files, requestCert: true, rejectUnauthorized: true }, (request, response) => {
    if (request.headers.authorization !== expected) {
      response.writeHead(401, { "www-authenticate": "Basic" }).end();
      return;
    }
    const { authorization, host, ...headers } = request.headers;
    const onward = forward(new URL(request.url ?? "/", target), { method: request.method ?? "GET", headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    onward.on("error", () => response.writeHead(502).end());
    request.pipe(onward);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { pathname } = new URL(target);
  return {
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}${pathname === "/" ? "" : pathname}`,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};
