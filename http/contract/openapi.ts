import { sessionCookie } from "../access/identity.js";
import { operationOf, pathOf } from "./openapi-operation.js";
import { createSchemas, type JsonSchema } from "./openapi-schemas.js";
import type { RouteContract } from "./route-contract.js";
import { tags } from "./tags.js";

/** A document of OpenAPI 3.1. Source: https://spec.openapis.org/oas/v3.1.1 */
export interface OpenApi {
  readonly openapi: string;
  readonly info: object;
  readonly servers: readonly object[];
  readonly tags: readonly object[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, object>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, JsonSchema>> } & Readonly<Record<string, object>>;
}

const description = `Send messages by email, SMS and push, follow them, and operate Carillon.

- Every refusal and failure has a body of the type \`application/problem+json\` (RFC 9457).
- Every answer has an \`X-Request-Id\`, under which the log has its failure.
- Lists have the form \`{"items": […], "cursor": "…"}\`. Give \`cursor\` to get the next page; it is null on the last one.
- Answers with 429 and 503 have a \`Retry-After\`.
- GET also answers HEAD, except where an operation says otherwise. Other methods are answered with 405 and \`Allow\`.
- Without configured keys, every program on the same machine may call all operations without a key.`;

const securitySchemes = {
  apiKey: { type: "http", scheme: "bearer", description: "An API key, as a bearer token" },
  session: { type: "apiKey", in: "cookie", name: sessionCookie, description: "A session of the console" },
  userToken: {
    type: "http",
    scheme: "bearer",
    bearerFormat: "JWT",
    description: "A token of a user, signed by a token key of the tenant. It reaches what belongs to this user",
  },
  callbackToken: {
    type: "apiKey",
    in: "header",
    name: "X-Callback-Token",
    description: "providers.<name>.callback.token. Other providers sign their requests, or authenticate by a user name or address",
  },
};

const requestId = { description: "The id of the request in the log", required: true, schema: { type: "string", format: "uuid" } };

/** Describes the routes as a document. It names no version of Carillon, because strangers may read it. */
export const openApiOf = (contracts: readonly RouteContract[]): OpenApi => {
  const schemas = createSchemas();
  const paths: Record<string, Record<string, object>> = {};
  for (const contract of contracts) {
    const path = pathOf(contract.url);
    paths[path] = { ...paths[path], [contract.method.toLowerCase()]: operationOf(contract, schemas) };
  }
  const used = new Set(contracts.map(({ tag }) => tag));
  return {
    openapi: "3.1.1",
    info: { title: "Carillon", version: "1", description, license: { name: "Apache-2.0", identifier: "Apache-2.0" } },
    servers: [{ url: "/", description: "This server" }],
    tags: Object.entries(tags).flatMap(([name, text]) => ([...used].some((tag) => tag === name) ? [{ name, description: text }] : [])),
    paths: Object.fromEntries(Object.entries(paths).sort(([one], [other]) => (one < other ? -1 : 1))),
    components: { schemas: schemas.named(), headers: { RequestId: requestId }, securitySchemes },
  };
};
