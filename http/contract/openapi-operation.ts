import type { Access } from "../access/access.js";
import { scopeOf } from "../access/route-scope.js";
import type { Answer, AnswerHeader, Media } from "./answers.js";
import type { JsonSchema, Schemas } from "./openapi-schemas.js";
import type { RouteContract } from "./route-contract.js";

/** A route's path in OpenAPI's form. */
export const pathOf = (url: string): string => url.replaceAll(/:(\w+)/g, "{$1}");

const securityOf: Readonly<Record<Access, readonly object[]>> = {
  page: [],
  monitoring: [],
  session: [],
  signIn: [],
  callback: [{ callbackToken: [] }, {}],
  tenant: [{ apiKey: [] }, { session: [] }],
  operator: [{ apiKey: [] }, { session: [] }],
};

/** OpenAPI 3.1 has no schema for lines and events: `x-item-schema` has that of each. */
const mediaOf = ({ form, schema }: Media, schemas: Schemas): object => {
  if (form === "json") return { schema: schemas.of(schema) };
  if (form === "bytes") return {};
  const text = { schema: { type: "string" } };
  return form === "text" ? text : { ...text, "x-item-schema": schemas.of(schema) };
};

const headerOf = ({ description, schema, always }: AnswerHeader, schemas: Schemas): object => ({
  description,
  required: always !== false,
  schema: schemas.of(schema),
});

const answerOf = ({ description, content, headers = {} }: Answer, schemas: Schemas): object => ({
  description,
  headers: {
    "X-Request-Id": { $ref: "#/components/headers/RequestId" },
    ...Object.fromEntries(Object.entries(headers).map(([name, header]) => [name, headerOf(header, schemas)])),
  },
  ...(Object.keys(content).length > 0
    ? { content: Object.fromEntries(Object.entries(content).map(([type, media]) => [type, mediaOf(media, schemas)])) }
    : {}),
});

const parameterOf = (name: string, place: "path" | "query" | "header", required: boolean, given: JsonSchema): object => {
  const { description, ...schema } = given;
  return { name, in: place, required, ...(description === undefined ? {} : { description }), schema };
};

const parametersOf = ({ params, query, headers = {} }: RouteContract, schemas: Schemas): readonly object[] => {
  const path = Object.entries(params ? schemas.fieldsOf(params).properties : {});
  const asked = query ? schemas.fieldsOf(query) : { properties: {}, required: [] };
  return [
    ...path.map(([name, schema]) => parameterOf(name, "path", true, schema)),
    ...Object.entries(asked.properties).map(([name, schema]) => parameterOf(name, "query", asked.required.includes(name), schema)),
    ...Object.entries(headers).map(([name, { description, schema }]) =>
      parameterOf(name, "header", false, { ...schemas.of(schema), description }),
    ),
  ];
};

const listOf = (description: string, json: object) => ({
  requestBody: {
    description,
    required: true,
    content: { ...json, "application/x-ndjson": { schema: { type: "string" } }, "text/csv": { schema: { type: "string" } } },
  },
});

const bodyOf = ({ body, list, anyBody }: RouteContract, schemas: Schemas): object => {
  if (anyBody !== undefined) return { requestBody: { description: anyBody, content: { "*/*": {} } } };
  if (list !== undefined) return listOf(list, body ? { "application/json": { schema: schemas.of(body) } } : {});
  if (!body) return {};
  // an absent body counts as an object without fields
  const required = !body.safeParse({}).success || body.meta()?.anyOf !== undefined;
  return { requestBody: { required, content: { "application/json": { schema: schemas.of(body) } } } };
};

/** Describes a route as an operation. */
export const operationOf = (contract: RouteContract, schemas: Schemas): object => {
  const { id, tag, summary, description, access, head, method, userParam } = contract;
  const parameters = parametersOf(contract, schemas);
  const withoutHead = method === "GET" && head === false ? "HEAD is not answered." : undefined;
  const text = [description, withoutHead].filter((part) => part !== undefined).join(" ");
  return {
    operationId: id,
    tags: [tag],
    summary,
    ...(text === "" ? {} : { description: text }),
    security: [...securityOf[access], ...(userParam === undefined ? [] : [{ userToken: [] }])],
    "x-access": access,
    ...(access === "tenant" || access === "operator" ? { "x-scope": scopeOf({ method, config: contract }) } : {}),
    ...(parameters.length > 0 ? { parameters } : {}),
    ...bodyOf(contract, schemas),
    responses: Object.fromEntries(
      Object.entries(contract.answers)
        .sort(([one], [other]) => Number(one) - Number(other))
        .map(([status, answer]) => [status, answerOf(answer, schemas)]),
    ),
  };
};
