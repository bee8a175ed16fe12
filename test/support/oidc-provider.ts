import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Provider } from "oidc-provider";

/** A person who has an account at the provider. */
export interface Account {
  readonly claims: Readonly<Record<string, unknown>>;
  /** Claims that only its userinfo has. */
  readonly more?: Readonly<Record<string, unknown>>;
}

export const oidcClient = { id: "carillon", secret: "a secret of the OpenID provider" } as const;

/**
 * A real OpenID provider on loopback, without pages: the account that `signsIn` names has signed in and consents at once. `redirectUrl`
 * may be set once the port of Carillon is known.
 */
export const startOidcProvider = async (accounts: Readonly<Record<string, Account>>) => {
  const state = { account: "", declines: false };
  const redirects: string[] = [];
  let handle: ReturnType<Provider["callback"]> | undefined;
  const server = createServer((request, response) => void handle?.(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const provider = new Provider(issuer, {
    clients: [
      {
        ...{ client_id: oidcClient.id, client_secret: oidcClient.secret, token_endpoint_auth_method: "client_secret_post" },
        ...{
          redirect_uris: ["https://carillon.test/console/api/oidc/callback"],
          grant_types: ["authorization_code"],
          response_types: ["code"],
        },
      },
    ],
    claims: { openid: ["sub"], profile: ["name"], groups: ["groups"], email: ["email", "email_verified"] },
    scopes: ["openid", "profile", "groups", "email"],
    conformIdTokenClaims: false,
    cookies: { keys: ["a key of the OpenID provider"] },
    findAccount: (_context, id) => {
      const account = accounts[id];
      return (
        account && {
          accountId: id,
          claims: async (use: string) => ({ sub: id, ...account.claims, ...(use === "userinfo" ? account.more : {}) }),
        }
      );
    },
    features: { devInteractions: { enabled: false } },
    interactions: { url: () => "/interaction" },
    pkce: { required: () => true },
  });
  // the client's address is known later, and http is allowed on loopback
  Object.defineProperty(provider.Client.prototype, "redirectUriAllowed", { value: (uri: string) => redirects.includes(uri) });
  provider.use(async (context, next) => {
    if (context.path !== "/interaction") return next();
    const { uid, params, session } = await provider.interactionDetails(context.req, context.res);
    if (state.declines) {
      context.redirect(
        await provider.interactionResult(context.req, context.res, { error: "access_denied" }, { mergeWithLastSubmission: false }),
      );
      return undefined;
    }
    const grant = new provider.Grant({ accountId: state.account, clientId: String(params.client_id) });
    grant.addOIDCScope(String(params.scope));
    const consent = { consent: { grantId: await grant.save() } };
    const result = session?.accountId === state.account && uid ? consent : { login: { accountId: state.account }, ...consent };
    context.redirect(await provider.interactionResult(context.req, context.res, result, { mergeWithLastSubmission: false }));
    return undefined;
  });
  handle = provider.callback();
  return {
    issuer,
    allow: (redirectUrl: string) => void redirects.push(redirectUrl),
    signsIn: (account: string) => {
      state.account = account;
      state.declines = false;
    },
    declines: () => {
      state.declines = true;
    },
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};
