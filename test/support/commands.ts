import type { Channel, DispatchCommand } from "../../schemas/generated.js";
import { noContent } from "../../schemas/no-content.js";

export const commandTo = (channel: Channel, to: string, more: Partial<DispatchCommand> = {}): DispatchCommand => ({
  messageId: "0190b4d6-0000-7000-8000-000000000001",
  tenant: "acme",
  channel,
  lane: "normal",
  to,
  from: channel === "email" ? "sender@carillon.test" : null,
  content: { ...noContent, subject: "Grüße", text: "Hi there", html: "<p>Hi</p>", title: "Title", data: { order: "7" } },
  metadata: {},
  idempotencyKey: null,
  attempt: 1,
  acceptedAt: 0,
  expiresAt: Number.MAX_SAFE_INTEGER,
  segments: channel === "sms" ? 1 : 0,
  traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
  tracestate: null,
  provider: null,
  tried: [],
  notBefore: null,
  fallback: null,
  ...more,
});

export const sendContext = { idempotencyToken: "token:1" };
