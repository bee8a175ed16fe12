import { generateKeyPairSync, sign } from "node:crypto";
import { answerJson, startHttpPeer } from "./http-peer.js";

const base64url = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");

export interface TokenAccount {
  readonly clientId: string;
  readonly secret: string;
}

/** Issues signed access tokens for client credentials, and serves the keys that verify them. */
export const startTokenServer = async (account: TokenAccount, audience: string) => {
  const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 2_048 });
  const kid = "test";
  const keys = { keys: [{ ...publicKey.export({ format: "jwk" }), kid, alg: "RS256", use: "sig" }] };
  const tokenFor = (subject: string, seconds: number): string => {
    const now = Math.floor(Date.now() / 1_000);
    const text = `${base64url({ alg: "RS256", kid })}.${base64url({ sub: subject, aud: audience, iat: now, exp: now + seconds, scope: "kafka" })}`;
    return `${text}.${sign("RSA-SHA256", Buffer.from(text), privateKey).toString("base64url")}`;
  };
  /** Both parts are form-encoded (RFC 6749, 2.3.1). */
  const isKnown = (authorization = ""): boolean => {
    const [clientId, secret] = Buffer.from(authorization.replace(/^Basic /, ""), "base64")
      .toString()
      .split(":")
      .map(decodeURIComponent);
    return clientId === account.clientId && secret === account.secret;
  };
  const seconds = 60;
  const peer = await startHttpPeer((response, { url, headers, body }) => {
    if (url === "/keys") return answerJson(200, keys)(response, { method: "", url, headers, body });
    const granted = isKnown(headers.authorization) && new URLSearchParams(body).get("grant_type") === "client_credentials";
    const answer = granted
      ? answerJson(200, { access_token: tokenFor(account.clientId, seconds), token_type: "Bearer", expires_in: seconds })
      : answerJson(401, { error: "invalid_client" });
    answer(response, { method: "", url, headers, body });
  });
  return { tokenUrl: `${peer.url}/token`, keysUrl: `${peer.url}/keys`, calls: peer.calls, stop: peer.stop };
};
