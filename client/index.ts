export { CarillonError } from "../schemas/errors.js";
export { checkMessage, type Limits, type MessageCheck } from "./check-message.js";
export { type CarillonClient, type ClientOptions, createClient, type SendResult } from "./client.js";
export type { Finding } from "./finding.js";
export type { MessageInput } from "./message-input.js";
