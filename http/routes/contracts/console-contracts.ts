import { z } from "zod";
import { referencePath } from "../../../client/field-reference.js";
import { authenticate, events, file, json, limited, nothing, orElse, problem, retryAfter, text } from "../../contract/answers.js";
import { defineRoute } from "../../contract/route-contract.js";
import { aboutSchema, catalogSchema, liveSchema, sessionSchema } from "../../contract/schemas/console-schemas.js";

const session = { access: "session", tag: "console", url: "/console/api/session" } as const;
const operator = { method: "GET", access: "operator", tag: "console" } as const;
const page = { method: "GET", access: "page", tag: "console" } as const;
const cookie = { "Set-Cookie": { description: "The session", schema: z.string() } };

export const getSession = defineRoute({
  ...session,
  method: "GET",
  id: "getSession",
  summary: "Describe the console session of the request",
  answers: { 200: json(sessionSchema, "The session") },
});

export const signIn = defineRoute({
  ...session,
  method: "POST",
  id: "signIn",
  summary: "Exchange a key with the scope read or operate for a session",
  description: "The session may do what the key may do.",
  body: z.strictObject({ key: z.string().min(1).max(1_000).describe("give a key with the scope read or operate") }),
  answers: {
    204: nothing("Signed in", cookie),
    401: problem("The key is invalid", authenticate),
    403: problem("The key lacks the scopes read and operate, or the request came from a page of another site"),
    429: problem("Too many failed authentications from this address", limited),
  },
});

export const signOut = defineRoute({
  ...session,
  method: "DELETE",
  id: "signOut",
  summary: "End the session",
  answers: { 204: nothing("Signed out", cookie) },
});

export const getAbout = defineRoute({
  ...operator,
  url: "/console/api/about",
  id: "getAbout",
  summary: "Describe the configuration to the console",
  answers: { 200: json(aboutSchema, "The configuration, without secrets") },
});

export const getCatalog = defineRoute({
  method: "GET",
  access: "tenant",
  scope: "read",
  tag: "console",
  url: "/console/api/catalog",
  id: "getCatalog",
  summary: "Describe channels, lanes, templates and reasons to the console",
  answers: { 200: json(catalogSchema, "What messages may have") },
});

export const watchLive = defineRoute({
  ...operator,
  url: "/console/api/live",
  head: false, // it would subscribe indefinitely
  id: "watchLive",
  summary: "Follow the state of queues and providers",
  answers: { 200: events(liveSchema, "The current state, every two seconds, until the client disconnects") },
});

export const getConsole = defineRoute({
  ...page,
  url: "/",
  id: "getConsole",
  summary: "Open the console",
  answers: { 200: text("text/html", "The console's page"), 503: problem("The console is not built", retryAfter) },
});

export const getConsoleFile = defineRoute({
  ...page,
  url: "/console/:file",
  id: "getConsoleFile",
  summary: "Get a file of the console",
  headers: { "If-None-Match": { description: "The ETag of the file that the client has", schema: z.string() } },
  params: z.strictObject({ file: z.string() }),
  answers: {
    200: file(["text/html", "text/javascript", "text/css", "image/svg+xml", "application/octet-stream"], "The file", {
      ETag: { description: "The file's digest", schema: z.string() },
    }),
    304: nothing("The client has this file"),
    404: orElse(problem("There is no such file"), text("text/html", "The same as a page, for browsers")),
  },
});

export const getMessageReference = defineRoute({
  ...page,
  url: referencePath,
  tag: "documentation",
  id: "getMessageReference",
  summary: "Read the reference of a message's fields",
  answers: { 200: text("text/html", "The reference") },
});
