import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { extname, join } from "node:path";
import { gzipSync } from "node:zlib";
import type { FastifyInstance } from "fastify";
import { builtFile } from "../../wire/built-file.js";
import { addRoute } from "../contract/route-contract.js";
import { answerNotFound } from "../not-found.js";
import { answerProblem } from "../problem.js";
import { getConsole, getConsoleFile } from "../routes/contracts/console-contracts.js";

const types: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
};

/** Allows no external resources. Inline styles are allowed, because the component library sets them on its elements. */
const headers = {
  "content-security-policy":
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; frame-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
} as const;

interface PageFile {
  readonly type: string;
  readonly body: Buffer;
  readonly gzipped: Buffer;
  readonly etag: string;
}

/** `bin/prepare.js` writes the built page here. */
const folder = builtFile("page");

const readFiles = (): ReadonlyMap<string, PageFile> =>
  new Map(
    (existsSync(folder) ? readdirSync(folder) : []).map((name): [string, PageFile] => {
      const body = readFileSync(join(folder, name));
      const etag = `"${createHash("sha256").update(body).digest("base64url").slice(0, 22)}"`;
      return [name, { type: types[extname(name)] ?? "application/octet-stream", body, gzipped: gzipSync(body, { level: 9 }), etag }];
    }),
  );

/** Serves the console: a few files, read once. */
export const pageRoutes = (app: FastifyInstance): void => {
  let files: ReadonlyMap<string, PageFile> | undefined;
  const serve = (name: string) => {
    files ??= readFiles();
    return files.get(name);
  };
  addRoute(app, getConsoleFile, (request, reply) => {
    const file = serve(request.params.file);
    if (!file) return answerNotFound(request, reply, "the console is at /");
    reply.headers({ ...headers, etag: file.etag, "cache-control": "no-cache", vary: "accept-encoding" });
    if (request.headers["if-none-match"] === file.etag) return reply.code(304).send();
    const zipped = /\bgzip\b/.test(request.headers["accept-encoding"] ?? "");
    if (zipped) reply.header("content-encoding", "gzip");
    return reply.type(file.type).send(zipped ? file.gzipped : file.body);
  });
  addRoute(app, getConsole, (_request, reply) => {
    const file = serve("index.html");
    if (!file) return answerProblem(reply, 503, "the console is not built: run npm run build");
    return reply
      .headers({ ...headers, "cache-control": "no-cache" })
      .type(file.type)
      .send(file.body);
  });
};
