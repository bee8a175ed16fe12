import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

const { status = 202 } = JSON.parse(process.argv[2] ?? "{}") as { readonly status?: number };

/** Answers every request once its body has arrived, and stores nothing. Prints its address. */
const server = createServer((request, response) => {
  request.resume();
  request.on("end", () => response.writeHead(status, { "content-type": "application/json" }).end('{"id":"1"}'));
});
server.listen(0, "127.0.0.1", () => {
  console.log(JSON.stringify({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }));
});
