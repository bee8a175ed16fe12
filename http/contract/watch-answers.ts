import type { ServerResponse } from "node:http";
import type { FastifyInstance } from "fastify";
import { answerProblems } from "./check-answer.js";

/** Larger bodies are not checked. */
const mostBytes = 16_777_216;

interface Written {
  /** The body as text; undefined if it is too large. */
  body(): string | undefined;
  header(name: string): string | undefined;
}

const headersIn = (args: readonly unknown[]): object => args.find((arg): arg is object => typeof arg === "object" && arg !== null) ?? {};

/** Collects the headers and the bytes that a response writes. */
const collect = (raw: ServerResponse): Written => {
  const chunks: Buffer[] = [];
  const given = new Map<string, string>();
  let bytes = 0;
  let depth = 0;
  const keep = ([chunk]: readonly unknown[]): void => {
    if (typeof chunk !== "string" && !(chunk instanceof Uint8Array)) return;
    const read = Buffer.from(chunk as string);
    bytes += read.length;
    if (bytes <= mostBytes) chunks.push(read);
  };
  const keepHeaders = (args: readonly unknown[]): void => {
    for (const [name, value] of Object.entries(headersIn(args))) given.set(name.toLowerCase(), String(value));
  };
  const watch = (name: "write" | "end" | "writeHead", note: (args: readonly unknown[]) => void): void => {
    const call = (raw[name] as (...args: unknown[]) => unknown).bind(raw);
    const noted = (...args: unknown[]): unknown => {
      const isOutermost = depth === 0; // a simulated response writes within its end
      depth += 1;
      if (isOutermost || name === "writeHead") note(args);
      try {
        return call(...args);
      } finally {
        depth -= 1;
      }
    };
    Object.assign(raw, { [name]: noted });
  };
  watch("write", keep);
  watch("end", keep);
  watch("writeHead", keepHeaders);
  return {
    body: () => (bytes <= mostBytes ? Buffer.concat(chunks).toString() : undefined),
    header: (name) => given.get(name) ?? raw.getHeader(name)?.toString(),
  };
};

/** Reports each answer that differs from its route's contract, as `GET /v1/messages/:id 200: …`. For tests: it keeps a copy of each body. */
export const watchAnswers = (app: FastifyInstance, report: (problem: string) => void): void => {
  app.addHook("onRequest", ({ method, routeOptions }, { raw }, done) => {
    const { contract } = routeOptions.config ?? {};
    const written = contract && collect(raw);
    raw.once("finish", () => {
      if (!contract || !written) return;
      const { statusCode: status } = raw;
      const unread = method === "HEAD" || written.header("content-encoding") !== undefined;
      const sent = { status, type: written.header("content-type"), body: unread ? undefined : written.body(), header: written.header };
      for (const problem of answerProblems(contract, sent)) report(`${method} ${contract.url} ${status}: ${problem}`);
    });
    done();
  });
};
