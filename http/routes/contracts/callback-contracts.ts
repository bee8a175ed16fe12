import { z } from "zod";
import { limited, nothing, problem } from "../../contract/answers.js";
import { defineRoute, type RouteContract } from "../../contract/route-contract.js";

const description =
  "A provider calls this with its receipts, in its own format. Carillon answers 204 only once the log has stored them. The authentication is the one that providers.<name>.callback configures.";

const callback = {
  url: "/v1/callbacks/:provider",
  access: "callback",
  tag: "callbacks",
  description,
  params: z.strictObject({ provider: z.string() }),
  head: false,
  answers: {
    204: nothing("The receipts are stored"),
    400: problem("The callback is unreadable, or the Host header is malformed"),
    401: problem("The provider is not authenticated"),
    404: problem("No configured provider of this name accepts callbacks"),
    429: problem("Too many failed authentications from this address", limited),
  },
} as const satisfies Omit<RouteContract, "method" | "id" | "summary">;

export const getCallback = defineRoute({ ...callback, method: "GET", id: "receiveCallbackQuery", summary: "Receive receipts in a query" });

export const postCallback = defineRoute({
  ...callback,
  method: "POST",
  id: "receiveCallback",
  summary: "Receive receipts in a body",
  anyBody: "The provider's receipts, in its own format",
});

const ownCallback = {
  ...callback,
  url: "/v1/callbacks/:tenant/:provider",
  description:
    "The own provider of a tenant calls this with its receipts, in its own format. Carillon answers 204 only once the log has stored them. The authentication is the one of the provider's options.",
  params: z.strictObject({ tenant: z.string(), provider: z.string() }),
  answers: { ...callback.answers, 404: problem("The tenant has no provider of this name that sends callbacks") },
} as const satisfies Omit<RouteContract, "method" | "id" | "summary">;

export const getOwnCallback = defineRoute({
  ...ownCallback,
  method: "GET",
  id: "receiveOwnCallbackQuery",
  summary: "Receive receipts of a tenant's own provider in a query",
});

export const postOwnCallback = defineRoute({
  ...ownCallback,
  method: "POST",
  id: "receiveOwnCallback",
  summary: "Receive receipts of a tenant's own provider in a body",
  anyBody: "The provider's receipts, in its own format",
});
