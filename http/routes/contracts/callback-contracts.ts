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
