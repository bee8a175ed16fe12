export type { Finding } from "../channels/finding.js";
export { CarillonError } from "../schemas/errors.js";
export { checkMessage, type MessageCheck } from "./check-message.js";
export type { MessageInput, UserMessageInput } from "./generated.js";
export { createHttpClient, type HttpCarillonClient, type HttpClientOptions } from "./http-client.js";
export { createKafkaClient, type KafkaClientOptions } from "./kafka-client.js";
export type { Limits } from "./limits.js";
export type { CarillonClient, SendOptions, SendResult, SentMessage } from "./send-result.js";
