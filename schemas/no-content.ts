import { type Content, MessageRequestedSchema } from "./generated.js";

const field = MessageRequestedSchema.fields.find(({ name }) => name === "content");

/** Content with nothing in it, as the records' schema has it. */
export const noContent = (field as { readonly default: Content }).default;
