import { createHmac } from "node:crypto";

const form = /^(?:whsec_)?([A-Za-z0-9+/]+={0,2})$/;

/** The key of a secret: base64, optionally after `whsec_`. Source: Standard Webhooks specification, Signature scheme. */
const keyOf = (secret: string): Buffer => Buffer.from(form.exec(secret)?.[1] ?? "", "base64");

/** 24 to 64 bytes. Source: Standard Webhooks specification, Signature scheme. */
export const isWebhookSecret = (secret: string): boolean => {
  const { length } = keyOf(secret);
  return length >= 24 && length <= 64;
};

/** The secrets of a receiver, newest first. */
export const secretsOfReceiver = (secret: string | readonly string[]): readonly string[] =>
  typeof secret === "string" ? [secret] : secret;

/**
 * Headers with which a receiver authenticates the sender and ignores duplicates. During a rotation there is a signature for each secret, so
 * that the receiver may have any of them. Source: Standard Webhooks specification, Signature scheme and Zero downtime secret rotation.
 */
export const signedHeaders = (id: string, atMs: number, body: string, secrets: readonly string[]): Readonly<Record<string, string>> => {
  const timestamp = String(Math.floor(atMs / 1_000));
  const signatures = secrets.map(
    (secret) => `v1,${createHmac("sha256", keyOf(secret)).update(`${id}.${timestamp}.${body}`).digest("base64")}`,
  );
  return { "webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": signatures.join(" ") };
};
