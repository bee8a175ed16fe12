import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { messageFields, referenceOf, referencePath } from "../../client/field-reference.js";
import type { FieldReference } from "../../client/schema-fields.js";
import { addRoute } from "../contract/route-contract.js";
import { getMessageReference } from "./contracts/console-contracts.js";
import { sendMessage } from "./contracts/message-contracts.js";

const escapes: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
const escapeHtml = (text: string): string => text.replaceAll(/[&<>"]/g, (character) => escapes[character] ?? character);

const row = ({ path, required, wanted, doc }: FieldReference): string =>
  `<tr id="${escapeHtml(path)}"><td><code>${escapeHtml(path)}</code></td><td>${required ? "yes" : ""}</td><td>${escapeHtml(wanted)}</td><td>${escapeHtml(doc)}</td></tr>`;

const page = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Message fields</title>
<style>body{font:16px/1.5 system-ui;margin:2rem auto;max-width:70rem;padding:0 1rem}table{border-collapse:collapse}td,th{border-bottom:1px solid #ccc;padding:.4rem .8rem;text-align:left;vertical-align:top}tr:target{background:#ffd}</style>
</head><body><h1>Message fields</h1>
<p>The body of <code>POST /v1/messages</code>, a line of an import file, and the argument of the client's <code>send</code>.</p>
<table><thead><tr><th>Field</th><th>Required</th><th>Type</th><th>Meaning</th></tr></thead><tbody>
${messageFields.map(row).join("\n")}
</tbody></table></body></html>
`;

const headers = {
  "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'",
  "x-content-type-options": "nosniff",
} as const;

/** Serves the reference of the message's fields. It contains no data, so it needs no key. */
export const messageReferenceRoute = (app: FastifyInstance): void => {
  addRoute(app, getMessageReference, (_request, reply) => reply.headers(headers).type("text/html; charset=utf-8").send(page));
};

interface Problem {
  readonly errors?: readonly { readonly field: string }[];
}

/** Links a problem of `POST /v1/messages` to the reference, and each of its errors to its field. */
export const linkReference = async (request: FastifyRequest, reply: FastifyReply, payload: unknown): Promise<unknown> => {
  const ofMessage = request.routeOptions.config?.contract === sendMessage;
  if (!ofMessage || reply.statusCode < 400 || reply.statusCode >= 500 || typeof payload !== "object" || payload === null) return payload;
  const { errors } = payload as Problem;
  reply.header("link", `<${referencePath}>; rel="help"`);
  return {
    ...payload,
    reference: referencePath,
    ...(errors ? { errors: errors.map((error) => ({ ...error, reference: referenceOf(error.field) })) } : {}),
  };
};
