import { createHmac } from "node:crypto";

/** The key of a secret: base64, after `whsec_` if that is there. Source: Standard Webhooks specification, Signature scheme. */
const keyOf = (secret: string): Buffer => Buffer.from(secret.replace(/^whsec_/, ""), "base64");

/** 24 to 64 bytes. Source: Standard Webhooks specification, Signature scheme. */
export const isWebhookSecret = (secret: string): boolean => {
  const { length } = keyOf(secret);
  return length >= 24 && length <= 64;
};

/** Headers by which a receiver knows who tells, and that nobody told it before. */
export const signedHeaders = (id: string, atMs: number, body: string, secret: string): Readonly<Record<string, string>> => {
  const timestamp = String(Math.floor(atMs / 1_000));
  const signature = createHmac("sha256", keyOf(secret)).update(`${id}.${timestamp}.${body}`).digest("base64");
  return { "webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": `v1,${signature}` };
};
