import { contentFields } from "./content-fields.js";

const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;

/** The content's Avro record. */
export const contentRecord = {
  type: "record",
  name: "Content",
  doc: "The content of a message.",
  fields: Object.entries(contentFields).map(([name, { avro, doc, preset }]) => ({ name, type: avro, doc: sentence(doc), default: preset })),
};

/** Empty content. */
const empty = Object.fromEntries(Object.entries(contentFields).map(([name, { preset }]) => [name, preset]));

const isContent = (type: unknown): boolean =>
  typeof type === "object" && type !== null && (type as { readonly name?: unknown }).name === contentRecord.name;

/** A record's schema with the content record, and the defaults of `contentFields`. */
export const withContent = (schema: unknown): unknown => {
  if (Array.isArray(schema)) return schema.map(withContent);
  if (typeof schema !== "object" || schema === null) return schema;
  if (isContent(schema)) return contentRecord;
  const ownDefault = "default" in schema && isContent((schema as { readonly type?: unknown }).type) ? { default: empty } : {};
  return {
    ...Object.fromEntries(Object.entries(schema).map(([key, part]) => [key, key === "default" ? part : withContent(part)])),
    ...ownDefault,
  };
};
