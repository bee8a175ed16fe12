import type { FastifyReply, FastifyRequest } from "fastify";
import { answerProblem } from "./problem.js";

const page = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Not found · Carillon</title>
<style>:root{color-scheme:light dark}body{font:16px/1.5 system-ui;margin:4rem auto;max-width:40rem;padding:0 1rem}</style>
</head><body><h1>Not found</h1>
<p>Carillon has no page at this address. <a href="/">Open the console</a></p>
</body></html>
`;

const contentSecurityPolicy = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'";

/** Browsers name this type when they open an address. Programs accept JSON or anything. */
const isBrowser = ({ method, headers }: FastifyRequest): boolean =>
  (method === "GET" || method === "HEAD") && /\btext\/html\b/i.test(headers.accept ?? "");

/** Answers 404: with a page to a browser, and otherwise with a problem. */
export const answerNotFound = (request: FastifyRequest, reply: FastifyReply, detail: string): FastifyReply => {
  reply.header("vary", "accept");
  if (!isBrowser(request)) return answerProblem(reply, 404, detail);
  return reply.code(404).header("content-security-policy", contentSecurityPolicy).type("text/html; charset=utf-8").send(page);
};
