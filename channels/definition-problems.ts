interface Definition {
  readonly label: string;
  readonly content: { readonly parts: readonly string[]; readonly requiresOneOf: readonly string[] };
  readonly form: { readonly fields: readonly { readonly part: string }[] };
  readonly limits: object;
  readonly options: object;
}

/** Keys that all channels share and that no channel may define. */
interface CommonKeys {
  readonly limits: readonly string[];
  readonly options: readonly string[];
}

const partProblems = (name: string, { content: { parts, requiresOneOf }, form: { fields } }: Definition): string[] => {
  const strange = (key: string, part: string): string =>
    `${key} of the channel ${name} names ${part}, which the channel does not carry: add ${part} to content.parts, or leave it out of ${key}`;
  return [
    ...(requiresOneOf.length === 0 ? [`content.requiresOneOf of the channel ${name} is empty: name at least one of its texts`] : []),
    ...requiresOneOf.filter((part) => !parts.includes(part)).map((part) => strange("content.requiresOneOf", part)),
    ...fields.filter(({ part }) => !parts.includes(part)).map(({ part }) => strange("form.fields", part)),
  ];
};

/** Finds keys that two places define, each with its place. */
const clashes = (placed: readonly (readonly [key: string, place: string])[], what: string): string[] => {
  const first = new Map<string, string>();
  return placed.flatMap(([key, place]) => {
    const other = first.get(key);
    if (other === undefined) first.set(key, place);
    return other === undefined ? [] : [`${other} and ${place} have the same ${what}, ${key}: rename one of them`];
  });
};

/** Problems of the channels' definitions: duplicate keys, unsupported parts, duplicate labels. */
export const definitionProblems = (definitions: Readonly<Record<string, Definition>>, common: CommonKeys): string[] => {
  const all = Object.entries(definitions);
  const own = (kind: "limits" | "options") =>
    all.flatMap(([name, definition]) => Object.keys(definition[kind]).map((key) => [key, `${kind} of the channel ${name}`] as const));
  // limits and options of all channels share one namespace with the common limits
  const settings = [...common.limits.map((key) => [key, "the limits of all channels"] as const), ...own("limits"), ...own("options")];
  const options = common.options.map((key) => [key, "the options of all channels"] as const);
  return [
    ...all.flatMap(([name, definition]) => partProblems(name, definition)),
    ...clashes(settings, "key"),
    ...clashes([...options, ...own("options").filter(([key]) => common.options.includes(key))], "key"),
    ...clashes(
      all.map(([name, { label }]) => [label, `the channel ${name}`] as const),
      "label",
    ),
  ];
};
