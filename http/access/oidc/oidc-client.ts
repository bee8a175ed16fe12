import * as oidc from "openid-client";
import { z } from "zod";
import { CarillonError } from "../../../schemas/errors.js";
import type { Clock } from "../../../stores/clock.js";
import { proxiedFetch } from "../../../wire/proxied-fetch.js";
import { nameOf, type OidcConfig, type Person, valuesOf } from "./person.js";
import { openText, sealText } from "./sealed-text.js";

/** Signs people in at an OpenID provider, by the authorization code flow with PKCE. */
export interface OidcClient {
  /** `url`: where to send the browser. `state`: a text that the browser keeps until it returns. Rejects UNAVAILABLE. */
  begin(): Promise<{ readonly url: string; readonly state: string }>;
  /** The person who returned with this query; undefined if this browser did not begin the sign-in, or the provider refused. Rejects UNAVAILABLE. */
  end(query: string, state: string | undefined): Promise<Person | undefined>;
}

export const signInSeconds = 600;
const timeoutSeconds = 10;
/** The provider's description and keys are read again after this time. */
const keepMs = 3_600_000;
const purpose = "carillon console sign-in";

const stateSchema = z.strictObject({ state: z.string(), nonce: z.string(), verifier: z.string(), untilMs: z.number() });
type State = z.infer<typeof stateSchema>;

const stateIn = (text: string | undefined): State | undefined => {
  try {
    return stateSchema.parse(JSON.parse(text ?? ""));
  } catch {
    return undefined;
  }
};

const away = (issuer: string, cause: unknown): CarillonError =>
  new CarillonError("UNAVAILABLE", `the OpenID provider ${issuer} cannot be used`, {
    cause,
    publicWords: "the OpenID provider cannot be used at the moment",
  });

/** The provider answered, and refused: the code was used before, the person declined, or an answer is not genuine. */
const isRefusal = (error: unknown): boolean =>
  error instanceof oidc.AuthorizationResponseError || error instanceof oidc.ResponseBodyError || error instanceof oidc.ClientError;

export const createOidcClient = (config: OidcConfig, clock: Pick<Clock, "now">): OidcClient => {
  const { issuer, clientId, clientSecret, redirectUrl, scopes, claim } = config;
  let known: { readonly provider: Promise<oidc.Configuration>; readonly untilMs: number } | undefined;
  const discover = (): Promise<oidc.Configuration> =>
    oidc.discovery(new URL(issuer), clientId, undefined, oidc.ClientSecretPost(clientSecret), {
      [oidc.customFetch]: proxiedFetch,
      timeout: timeoutSeconds,
      // the configuration allows http on this machine only
      ...(issuer.startsWith("http:") ? { execute: [oidc.allowInsecureRequests] } : {}),
    });
  const providerNow = async (): Promise<oidc.Configuration> => {
    if (!known || clock.now() >= known.untilMs) known = { provider: discover(), untilMs: clock.now() + keepMs };
    const own = known;
    try {
      return await own.provider;
    } catch (error) {
      if (known === own) known = undefined;
      throw away(issuer, error);
    }
  };
  const personOf = async (provider: oidc.Configuration, url: URL, { state, nonce, verifier }: State): Promise<Person | undefined> => {
    const checks = { expectedState: state, expectedNonce: nonce, pkceCodeVerifier: verifier, idTokenExpected: true };
    const tokens = await oidc.authorizationCodeGrant(provider, url, checks);
    const claims = tokens.claims();
    if (!claims) return undefined;
    const own = valuesOf(claims, claim);
    const { userinfo_endpoint: more } = provider.serverMetadata();
    // some providers keep groups out of the token
    const all =
      own.length > 0 || more === undefined
        ? claims
        : { ...claims, ...(await oidc.fetchUserInfo(provider, tokens.access_token, claims.sub)) };
    return { issuer, subject: claims.sub, name: nameOf(all), values: [...valuesOf(all, claim)] };
  };
  return {
    begin: async () => {
      const provider = await providerNow();
      const [state, nonce, verifier] = [oidc.randomState(), oidc.randomNonce(), oidc.randomPKCECodeVerifier()];
      const url = oidc.buildAuthorizationUrl(provider, {
        ...{ redirect_uri: redirectUrl, scope: [...new Set(["openid", ...scopes])].join(" "), state, nonce },
        ...{ code_challenge: await oidc.calculatePKCECodeChallenge(verifier), code_challenge_method: "S256" },
      });
      const kept: State = { state, nonce, verifier, untilMs: clock.now() + signInSeconds * 1_000 };
      return { url: url.href, state: sealText(JSON.stringify(kept), clientSecret, purpose) };
    },
    end: async (query, sealed) => {
      const state = stateIn(sealed === undefined ? undefined : openText(sealed, clientSecret, purpose));
      if (!state || state.untilMs <= clock.now()) return undefined;
      const provider = await providerNow();
      try {
        return await personOf(provider, new URL(`${redirectUrl}${query}`), state);
      } catch (error) {
        if (isRefusal(error)) return undefined;
        throw away(issuer, error);
      }
    },
  };
};
