export type { Finding } from "../channels/finding.js";
export { CarillonError } from "../schemas/errors.js";
export { checkMessage, type MessageCheck } from "./check-message.js";
export { type CarillonClient, type ClientOptions, createClient, type SendResult } from "./client.js";

export type { Limits } from "./limits.js";
export type { MessageInput } from "./message-input.js";
