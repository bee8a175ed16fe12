import * as oauth from "oauth4webapi";
import { unavailable } from "../schemas/errors.js";

export interface TokenClient {
  readonly tokenUrl: string;
  readonly clientId: string;
  readonly secret: string;
  readonly scope: string | null;
}

const deadlineMs = 10_000;
/** A token is renewed when this fraction of its lifetime has passed. */
const freshShare = 0.8;
/** Default lifetime, if the server does not state one. */
const presetSeconds = 300;
/** Longest lifetime that is accepted. */
const mostSeconds = 86_400;

/** Access tokens by client credentials (RFC 6749, 4.4), cached while fresh. Rejects UNAVAILABLE. */
export const createTokenSource = ({ tokenUrl, clientId, secret, scope }: TokenClient, now = Date.now): (() => Promise<string>) => {
  const server = { issuer: new URL(tokenUrl).origin, token_endpoint: tokenUrl };
  const client = { client_id: clientId };
  let fresh: { readonly token: string; readonly untilMs: number } | undefined;
  let asking: Promise<string> | undefined;

  const ask = async (): Promise<string> => {
    const asked = now();
    try {
      const response = await oauth.clientCredentialsGrantRequest(
        server,
        client,
        oauth.ClientSecretBasic(secret),
        scope === null ? {} : { scope },
        // the configuration decides which addresses are allowed
        { [oauth.allowInsecureRequests]: true, signal: () => AbortSignal.timeout(deadlineMs) },
      );
      const { access_token, expires_in = presetSeconds } = await oauth.processClientCredentialsResponse(server, client, response);
      fresh = { token: access_token, untilMs: asked + Math.min(expires_in, mostSeconds) * 1_000 * freshShare };
      return access_token;
    } catch (error) {
      throw unavailable(`the token server at ${tokenUrl}`, error);
    }
  };
  return async () => {
    if (fresh && now() < fresh.untilMs) return fresh.token;
    asking ??= ask().finally(() => {
      asking = undefined;
    });
    return asking;
  };
};
