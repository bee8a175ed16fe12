import type { Content } from "../schemas/generated.js";
import { contentFields } from "./content-fields.js";

type Fields = typeof contentFields;

export type ContentPart = keyof Fields;

export const contentParts = Object.keys(contentFields) as ContentPart[];

/** The parts for people, which templates can render. */
export type TextPart = { [Part in ContentPart]: Fields[Part]["isTemplated"] extends true ? Part : never }[ContentPart];

export const textParts = contentParts.filter((part): part is TextPart => contentFields[part].isTemplated);

interface PartRules<Value> {
  readonly doc: string;
  readonly wanted?: string;
  readonly mayBeLeftOut?: boolean;
  readonly lineProblem?: (text: string) => string | undefined;
  bytes(value: Value): number;
}

const rules: { readonly [Part in ContentPart]: PartRules<Content[Part]> } = contentFields;

/** The rules of one part, in a form for all parts. */
export const partRulesOf = <Part extends ContentPart>(part: Part): PartRules<Content[Part]> => rules[part];

const bytesIn = <Part extends ContentPart>(part: Part, content: Content): number => rules[part].bytes(content[part]);

/** Size of a content, all parts together. */
export const bytesOf = (content: Content): number => contentParts.reduce((sum, part) => sum + bytesIn(part, content), 0);

/** Whether a part has content: for an empty part, producers in some languages omit the field, and others write an empty one. */
export const isGiven = (part: Content[ContentPart]): boolean =>
  typeof part === "object" && part !== null ? Object.keys(part).length > 0 : part !== null && part !== "";
