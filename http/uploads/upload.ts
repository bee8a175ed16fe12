import type { IncomingMessage } from "node:http";
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { ImportFormat } from "../../directory/read-entries.js";
import { CarillonError } from "../../schemas/errors.js";
import type { Clock } from "../../stores/clock.js";
import { withinDeadline } from "../../stores/deadline.js";
import { assertNotEncoded } from "../json-body.js";

/** The formats of uploaded lists, by media type. */
export const listTypes: Readonly<Record<string, ImportFormat>> = { "application/x-ndjson": "ndjson", "text/csv": "csv" };

/** How long an upload may pause. Work that waits for the store does not count. */
const pauseMs = 30_000;

/** Gives handlers uploaded lists as streams, without a limit of their length. */
export const readLists = (app: FastifyInstance): void => {
  app.addContentTypeParser(Object.keys(listTypes), (request, payload, done) => {
    try {
      assertNotEncoded(request.headers["content-encoding"]);
      done(null, payload);
    } catch (error) {
      done(error as Error);
    }
  });
};

/** The format of a request's list; undefined if its body is not one. */
export const listFormatOf = ({ headers }: FastifyRequest): ImportFormat | undefined =>
  listTypes[(headers["content-type"] ?? "").split(";")[0]?.trim().toLowerCase() ?? ""];

/** The bytes of an uploaded list as they arrive. Throws INPUT_INVALID when it pauses for too long. */
export async function* chunksOf({ raw }: FastifyRequest, clock: Clock): AsyncGenerator<Buffer> {
  const chunks = (raw as IncomingMessage)[Symbol.asyncIterator]();
  try {
    for (;;) {
      const { done, value } = await withinDeadline("the upload", pauseMs, chunks.next(), clock).catch((error: unknown) => {
        if (!(error instanceof CarillonError)) throw error;
        const problem = `the upload paused for ${pauseMs / 1_000} seconds`;
        throw new CarillonError("INPUT_INVALID", problem, { fix: "send the lines after the last stored one again", publicWords: problem });
      });
      if (done) return;
      yield value as Buffer;
    }
  } finally {
    await chunks.return?.();
  }
}
