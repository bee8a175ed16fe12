import { createVerify, X509Certificate } from "node:crypto";
import { z } from "zod";
import { CarillonError, messageOf } from "../../schemas/errors.js";
import { callHttp } from "../../sinks/providers/http-call.js";

/** SNS's posts. Source: SNS developer guide, HTTP/HTTPS notification JSON format. */
const shape = z.object({
  Type: z.enum(["Notification", "SubscriptionConfirmation", "UnsubscribeConfirmation"]),
  MessageId: z.string(),
  TopicArn: z.string(),
  Message: z.string(),
  Subject: z.string().optional(),
  Timestamp: z.string(),
  SignatureVersion: z.enum(["1", "2"]),
  Signature: z.string(),
  SigningCertURL: z.string(),
  SubscribeURL: z.string().optional(),
  Token: z.string().optional(),
});

export type SnsMessage = z.output<typeof shape>;

/** Only SNS's own hosts, over TLS. Source: SNS developer guide, Verifying the signatures of Amazon SNS messages. */
const ownHost = /^sns\.[a-z0-9-]+\.amazonaws\.com(\.cn)?$/;

const ownUrl = (field: string, text: string): URL => {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== "https:" || url.port !== "" || !ownHost.test(url.hostname)) {
    throw new CarillonError("CALLBACK_REFUSED", `${field}: ${text.slice(0, 200)} is not an SNS URL`);
  }
  return url;
};

const signedFields: Readonly<Record<SnsMessage["Type"], readonly (keyof SnsMessage)[]>> = {
  Notification: ["Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"],
  SubscriptionConfirmation: ["Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"],
  UnsubscribeConfirmation: ["Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"],
};

const signedText = (message: SnsMessage): string =>
  signedFields[message.Type]
    .filter((field) => message[field] !== undefined)
    .map((field) => `${field}\n${message[field]}\n`)
    .join("");

export type FetchText = (url: URL, signal: AbortSignal) => Promise<string>;

const deadlineMs = 5_000;
const mostCertificates = 20;

const fetchText: FetchText = async (url, signal) => {
  const { status, ok, text } = await callHttp({ url: url.href, method: "GET", headers: {}, body: null, signal });
  if (!ok) throw new Error(`${url.hostname} returned ${status}`);
  return text.slice(0, 100_000);
};

export interface SnsMessages {
  /**
   * The message, once its signature is verified. Throws CALLBACK_REFUSED for an invalid one, UNAVAILABLE if the certificate cannot be
   * fetched now.
   */
  verify(json: unknown): Promise<SnsMessage>;
  /** Confirms a subscription at SNS's request. */
  confirm(message: SnsMessage): Promise<void>;
}

/** Verifies messages from SNS. Fetches each certificate once. */
export const createSnsMessages = (fetchFrom: FetchText = fetchText): SnsMessages => {
  const certificates = new Map<string, X509Certificate>();
  const certificateOf = async (text: string): Promise<X509Certificate> => {
    const url = ownUrl("SigningCertURL", text);
    const known = certificates.get(url.href);
    if (known) return known;
    const pem = await fetchFrom(url, AbortSignal.timeout(deadlineMs)).catch((error: unknown) => {
      throw new CarillonError("UNAVAILABLE", `the SNS certificate is unavailable: ${messageOf(error)}`, { cause: error });
    });
    const certificate = new X509Certificate(pem);
    if (certificates.size >= mostCertificates) certificates.clear();
    certificates.set(url.href, certificate);
    return certificate;
  };
  return {
    verify: async (json) => {
      const parsed = shape.safeParse(json);
      if (!parsed.success) {
        const [issue] = parsed.error.issues;
        throw new CarillonError("CALLBACK_REFUSED", `${issue?.path.join(".")}: ${issue?.message}`, {
          fix: "send the JSON message that SNS posts",
        });
      }
      const certificate = await certificateOf(parsed.data.SigningCertURL);
      const verifier = createVerify(parsed.data.SignatureVersion === "1" ? "sha1WithRSAEncryption" : "sha256WithRSAEncryption");
      if (!verifier.update(signedText(parsed.data)).verify(certificate.publicKey, parsed.data.Signature, "base64")) {
        throw new CarillonError("CALLBACK_REFUSED", "Signature: does not match the message");
      }
      return parsed.data;
    },
    confirm: async ({ SubscribeURL }) => {
      await fetchFrom(ownUrl("SubscribeURL", SubscribeURL ?? ""), AbortSignal.timeout(deadlineMs));
    },
  };
};
