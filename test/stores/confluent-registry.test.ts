import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { createConfluentRegistry } from "../../stores/schema-registry/confluent-registry.js";

const json = (response: ServerResponse, status: number, body: unknown): void => {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
};

describe("a schema registry that does not serve", () => {
  let server: Server | undefined;
  afterEach(() => {
    server?.closeAllConnections();
    server?.close();
    server = undefined;
  });
  const asked = async (answer: (response: ServerResponse) => void): Promise<unknown> => {
    server = createServer((_request, response) => answer(response));
    await new Promise<void>((resolve) => server?.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    return createConfluentRegistry({ url: `http://127.0.0.1:${port}` }).schema(7);
  };

  it.each([
    ["503 with an object", (response: ServerResponse) => json(response, 503, { oops: true }), "it returned status 503"],
    [
      "500 with words",
      (response: ServerResponse) => json(response, 500, { error_code: 50001, message: "store timed out" }),
      "store timed out",
    ],
    ["401", (response: ServerResponse) => response.writeHead(401).end(), "it returned status 401"],
    ["a closed connection", (response: ServerResponse) => response.socket?.destroy(), "socket hang up"],
    [
      "another server's 404",
      (response: ServerResponse) => response.writeHead(404, { "content-type": "text/html" }).end("<h1>no</h1>"),
      "404",
    ],
    [
      "a page in place of a schema",
      (response: ServerResponse) => response.writeHead(200, { "content-type": "text/html" }).end("<p>"),
      "is unavailable",
    ],
  ])("is waited for, and its words are kept: %s", async (_what, answer, words) => {
    const asking = asked(answer);
    await expect(asking).rejects.toMatchObject({ code: "UNAVAILABLE", retryable: true, message: expect.stringContaining(words) });
    await expect(asking).rejects.not.toThrow(/\[object Object\]|status 400/);
  });

  it("is waited for when nothing listens, with the connection's own error", async () => {
    const registry = createConfluentRegistry({ url: "http://127.0.0.1:1" });
    const asking = registry.schema(7);
    await expect(asking).rejects.toMatchObject({
      code: "UNAVAILABLE",
      message: expect.stringContaining("connect ECONNREFUSED 127.0.0.1:1"),
    });
    await expect(asking).rejects.not.toThrow(/status/);
  });

  it("is named without the account in its address", async () => {
    const asking = createConfluentRegistry({ url: "http://u:secretp@127.0.0.1:1/registry/" }).schema(7);
    await expect(asking).rejects.toThrow("the schema registry at http://127.0.0.1:1/registry is unavailable");
    await expect(asking).rejects.not.toThrow("secretp");
  });

  it("is waited for when it accepts connections and stays silent", async () => {
    await expect(asked(() => undefined)).rejects.toMatchObject({
      code: "UNAVAILABLE",
      message: expect.stringContaining("no response within"),
    });
  });

  it.each([
    [
      "an unknown id",
      (response: ServerResponse) => json(response, 404, { error_code: 40403, message: "Schema 7 not found" }),
      "UNKNOWN_SCHEMA",
    ],
    ["a schema that is no JSON", (response: ServerResponse) => json(response, 200, { schema: "{bad" }), "WRONG_TYPE"],
  ])("differs from a record that it cannot help with: %s", async (_what, answer, code) => {
    await expect(asked(answer)).rejects.toMatchObject({ code, retryable: false });
  });
});
