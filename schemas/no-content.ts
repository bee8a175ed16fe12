import { type Content, MessageRequestedSchema } from "./generated.js";

const field = MessageRequestedSchema.fields.find(({ name }) => name === "content");

/** Empty content, as defined by the records' schema. */
export const noContent = (field as { readonly default: Content }).default;
