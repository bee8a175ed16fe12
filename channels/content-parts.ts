import type { Content } from "../schemas/generated.js";
import { contentFields } from "./content-fields.js";

type Fields = typeof contentFields;

export type ContentPart = keyof Fields;

export const contentParts = Object.keys(contentFields) as ContentPart[];

/** The parts that people read: templates make them. */
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

/** The rules of one part, for whoever looks at all of them. */
export const partRulesOf = <Part extends ContentPart>(part: Part): PartRules<Content[Part]> => rules[part];

const bytesIn = <Part extends ContentPart>(part: Part, content: Content): number => rules[part].bytes(content[part]);

/** How large a content is, all parts together. */
export const bytesOf = (content: Content): number => contentParts.reduce((sum, part) => sum + bytesIn(part, content), 0);

/** Whether a part says something: an empty one is left out by producers in some languages, and written by others. */
export const isGiven = (part: Content[ContentPart]): boolean =>
  typeof part === "object" && part !== null ? Object.keys(part).length > 0 : part !== null && part !== "";
