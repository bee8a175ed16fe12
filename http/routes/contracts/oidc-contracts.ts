import { z } from "zod";
import { oidcCallbackPath } from "../../../config/oidc.js";
import { limited, nothing, problem, retryAfter } from "../../contract/answers.js";
import { defineRoute } from "../../contract/route-contract.js";

const signIn = { method: "GET", access: "signIn", tag: "console", head: false } as const;
const redirect = {
  Location: { description: "Where the browser continues", schema: z.string() },
  "Set-Cookie": { description: "The state of the sign-in, or the session", schema: z.string() },
};
const none = problem("No OpenID provider is configured");
const away = problem("The OpenID provider cannot be used at the moment", retryAfter);

export const beginOidcSignIn = defineRoute({
  ...signIn,
  url: "/console/api/oidc",
  id: "beginOidcSignIn",
  summary: "Sign in to the console at the OpenID provider",
  answers: { 303: nothing("The browser continues at the provider", redirect), 404: none, 503: away },
});

export const endOidcSignIn = defineRoute({
  ...signIn,
  url: oidcCallbackPath,
  id: "endOidcSignIn",
  summary: "Return from the OpenID provider",
  description: "The query is the provider's, and is read only if this browser began the sign-in.",
  answers: {
    303: nothing("The browser continues at the console, which shows why a sign-in failed", redirect),
    404: none,
    429: problem("Too many failed authentications from this address", limited),
    503: away,
  },
});
