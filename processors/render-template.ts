import type { Liquid, Template } from "liquidjs";
import { type TextPart, textParts } from "../channels/content-parts.js";
import { messageOf } from "../schemas/errors.js";
import type { Channel, Content } from "../schemas/generated.js";
import { createTemplateEngine } from "./template-engine.js";

/** A template's parts for one channel, in Liquid. */
export type TemplateSource = { readonly [Part in TextPart]?: string | undefined };

export type TemplateSources = Readonly<Record<string, Readonly<Partial<Record<Channel, TemplateSource>>>>>;

export interface TemplateRenderer {
  /** Undefined if there is no such template for the channel. Throws if a variable is missing. */
  render(name: string, channel: Channel, variables: Readonly<Record<string, unknown>>): Partial<Content> | undefined;
}

/** A map for templates to look up, test and loop over. Rendering the map itself fails, instead of sending "[object Object]". */
const map: object = Object.create(null, {
  toString: {
    value: (): never => {
      throw new Error("a map cannot be rendered as text: render one of its entries");
    },
  },
});

const withMaps = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(withMaps);
  if (typeof value !== "object" || value === null) return value;
  return Object.assign(Object.create(map), mapped(value));
};

const mapped = (values: object): object => Object.fromEntries(Object.entries(values).map(([name, value]) => [name, withMaps(value)]));

type ParsedParts = readonly (readonly [TextPart, Template[]])[];

const createEngines = () => {
  const plain = createTemplateEngine();
  const escaping = createTemplateEngine({ html: true });
  return (part: TextPart): Liquid => (part === "html" ? escaping : plain);
};

/** Parses all templates. `problems` collects the parsing errors. */
export const createTemplateRenderer = (sources: TemplateSources, problems: string[] = []): TemplateRenderer => {
  const engineOf = createEngines();
  const parse = (source: TemplateSource, path: string): ParsedParts =>
    textParts.flatMap((part): ParsedParts => {
      const text = source[part];
      if (text === undefined) return [];
      try {
        return [[part, engineOf(part).parse(text)]];
      } catch (error) {
        problems.push(`${path}.${part}: ${messageOf(error)}`);
        return [];
      }
    });
  const parsed = new Map(
    Object.entries(sources).flatMap(([name, byChannel]) =>
      Object.entries(byChannel).map(
        ([channel, source]) => [`${name}/${channel}`, parse(source ?? {}, `templates.${name}.${channel}`)] as const,
      ),
    ),
  );
  const renderPart = ([part, templates]: ParsedParts[number], variables: object): readonly [TextPart, string] => [
    part,
    String(engineOf(part).renderSync(templates, variables)),
  ];
  return {
    render: (name, channel, variables) => {
      const entries = parsed.get(`${name}/${channel}`);
      const scope = entries && mapped(variables);
      return scope && Object.fromEntries(entries.map((entry) => renderPart(entry, scope)));
    },
  };
};
