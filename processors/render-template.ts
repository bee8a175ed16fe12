import { Liquid, type Template } from "liquidjs";
import type { Channel, Content } from "../schemas/generated.js";

/** A template's parts for one channel, in Liquid. */
export interface TemplateSource {
  readonly subject?: string | undefined;
  readonly text?: string | undefined;
  readonly html?: string | undefined;
  readonly title?: string | undefined;
}

export type TemplateSources = Readonly<Record<string, Readonly<Partial<Record<Channel, TemplateSource>>>>>;

type Part = "subject" | "text" | "html" | "title";
const parts: readonly Part[] = ["subject", "text", "html", "title"];

export interface TemplateRenderer {
  /** Undefined when there is no such template for the channel. Throws when a variable is missing. */
  render(name: string, channel: Channel, variables: Readonly<Record<string, unknown>>): Promise<Partial<Content>> | undefined;
}

const limits = { parseLimit: 200_000, renderLimit: 200, memoryLimit: 10_000_000 };

/** Parses all templates at once; `problems` gathers those that do not parse. */
export const createTemplateRenderer = (sources: TemplateSources, problems: string[] = []): TemplateRenderer => {
  const plain = new Liquid({ strictVariables: true, strictFilters: true, ownPropertyOnly: true, ...limits });
  const escaping = new Liquid({ strictVariables: true, strictFilters: true, ownPropertyOnly: true, outputEscape: "escape", ...limits });
  const engineOf = (part: Part): Liquid => (part === "html" ? escaping : plain);
  const parsed = new Map<string, readonly (readonly [Part, Template[]])[]>();
  for (const [name, byChannel] of Object.entries(sources)) {
    for (const [channel, source] of Object.entries(byChannel)) {
      const entries: (readonly [Part, Template[]])[] = [];
      for (const part of parts) {
        const text = source?.[part];
        if (text === undefined) continue;
        try {
          entries.push([part, engineOf(part).parse(text)]);
        } catch (error) {
          problems.push(`templates.${name}.${channel}.${part}: ${error instanceof Error ? error.message : String(error)}`);
        }
      }
      parsed.set(`${name}/${channel}`, entries);
    }
  }
  return {
    render: (name, channel, variables) => {
      const entries = parsed.get(`${name}/${channel}`);
      return entries && Promise.all(
        entries.map(async ([part, templates]) => [part, String(await engineOf(part).render(templates, variables))] as const),
      ).then((rendered) => Object.fromEntries(rendered));
    },
  };
};
