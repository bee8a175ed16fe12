import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createLogger } from "../../operations/telemetry/logger.js";
import { channels } from "../../schemas/vocabulary.js";
import { type Carillon, startCarillon } from "../../service/carillon.js";
import { loadConfig } from "../../service/load-config.js";
import { scratchFolder } from "../support/scratch.js";
import { isWellFormed, nastyText, parameters, timeoutMs } from "./property.js";

describe("the HTTP listener", () => {
  const folder = scratchFolder();
  let carillon: Carillon;
  beforeAll(async () => {
    const config = loadConfig({ environment: {}, overrides: { dataDir: folder.path, http: { port: 0 } } });
    carillon = await startCarillon({ config, logger: createLogger("silent", "test") });
  });
  afterAll(async () => {
    await carillon.stop();
    folder.remove();
  });

  it(
    "answers any body of any kind with 202, or with a 4xx that says why",
    async () => {
      const body = fc.oneof(
        fc.json(),
        nastyText(200),
        fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
        fc
          .record({ channel: fc.constantFrom(...channels), to: nastyText(), content: fc.anything(), lane: fc.anything() })
          .map((value) => JSON.stringify(value)),
      );
      const type = fc.constantFrom("application/json", "text/plain", "application/x-ndjson", "application/json; charset=latin1", "*/*");
      await fc.assert(
        fc.asyncProperty(body, type, fc.constantFrom("/v1/messages", "/v1/messages?x=1"), async (sent, contentType, path) => {
          const response = await fetch(`${carillon.url}${path}`, {
            method: "POST",
            headers: { "content-type": contentType },
            body: sent,
          });
          const text = await response.text();
          expect([202, 400, 413, 415]).toContain(response.status);
          if (response.status !== 202) expect(JSON.parse(text)).toMatchObject({ status: response.status, title: expect.any(String) });
        }),
        parameters,
      );
    },
    timeoutMs,
  );

  it(
    "answers any path and query with anything but a fault of its own",
    async () => {
      const segment = nastyText(20).filter(isWellFormed).map(encodeURIComponent);
      await fc.assert(
        fc.asyncProperty(
          fc.array(segment, { maxLength: 4 }),
          fc.constantFrom("", "v1/messages/", "v1/", "health/"),
          segment,
          async (parts, start, query) => {
            const response = await fetch(`${carillon.url}/${start}${parts.join("/")}?q=${query}&limit=${query}&filter=${query}`);
            await response.arrayBuffer();
            expect(response.status).toBeLessThan(500);
          },
        ),
        parameters,
      );
    },
    timeoutMs,
  );
});
