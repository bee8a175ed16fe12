import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** Answers every request once its body has arrived, and stores nothing. Prints its address. */
const server = createServer((request, response) => {
  request.resume();
  request.on("end", () => response.writeHead(202, { "content-type": "application/json" }).end('{"id":"1"}'));
});
server.listen(0, "127.0.0.1", () => {
  console.log(JSON.stringify({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }));
});
