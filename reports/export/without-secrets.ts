import type { Mask } from "../../schemas/secret-mask.js";

interface Step {
  readonly details: Readonly<Record<string, string>>;
}

/** A document with masked secrets in its steps, including steps stored before the secret was configured. */
export const withoutSecrets = <T extends object>(document: T, mask: Mask): T => {
  const { lineage } = document as { readonly lineage?: readonly Step[] };
  if (!lineage) return document;
  const steps = lineage.map((step) => ({
    ...step,
    details: Object.fromEntries(Object.entries(step.details).map(([name, text]) => [name, mask(text)])),
  }));
  return { ...document, lineage: steps };
};
