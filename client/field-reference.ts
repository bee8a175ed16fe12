import { messageGiven } from "./message-input.js";
import { closestField, type FieldReference, fieldsOfSchema } from "./schema-fields.js";

/** Every field of `POST /v1/messages`, derived from the schema that checks it. */
export const messageFields: readonly FieldReference[] = fieldsOfSchema(messageGiven);

/** The documented field of a message for a path. */
export const fieldAt = (path: string): FieldReference | undefined => closestField(messageFields, path);

/** Path of the field reference that Carillon serves. */
export const referencePath = "/docs/messages";

/** Link to a field in the reference. */
export const referenceOf = (path: string): string => {
  const field = fieldAt(path);
  return field ? `${referencePath}#${field.path}` : referencePath;
};
