import type { FastifyInstance } from "fastify";
import { answerProblem } from "./problem.js";

/** Headers of every answer. The page's files have their own policy. Source: OWASP HTTP Headers Cheat Sheet. */
export const safeHeaders = {
  "cache-control": "no-store",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "referrer-policy": "no-referrer",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
  "cross-origin-resource-policy": "same-origin",
} as const;

/** The header of every answer with the id of its request, under which the log has its failure. */
export const requestIdHeader = "x-request-id";

const transportSecurity = "max-age=31536000";

const isHost = (text: string): boolean => /^(\[[0-9a-f:.]+\]|[\w.~%-]+)(:\d{1,5})?$/i.test(text) && URL.canParse(`http://${text}`);

/** Keeps answers out of caches and frames, and refuses a missing or malformed Host (RFC 9112, 3.2). Register it before everything else. */
export const addSafeHeaders = (app: FastifyInstance): void => {
  app.addHook("onRequest", async (request, reply) => {
    reply.headers({ ...safeHeaders, [requestIdHeader]: request.id });
    if (request.protocol === "https") reply.header("strict-transport-security", transportSecurity);
    const { rawHeaders, httpVersion } = request.raw;
    const hosts = rawHeaders.filter((name, index) => index % 2 === 0 && name.toLowerCase() === "host").length;
    if (hosts === 0 && httpVersion === "1.1") return answerProblem(reply, 400, "the Host header is missing");
    if (hosts > 1 || [request.headers.host, request.host].some((host) => host !== undefined && host !== "" && !isHost(host)))
      return answerProblem(reply, 400, "the Host header is not a valid host and port");
    return undefined;
  });
};
