import { z } from "zod";
import { lineProblem } from "../channels/one-line.js";
import { directoryBounds } from "../stores/directory/directory.js";

const most = { nameCharacters: 100, listEntries: 100 } as const;
const wanted = `a map of at most ${directoryBounds.attributes} names to texts, numbers, true, false, or lists of texts`;

const value = z.union([z.string(), z.number(), z.boolean(), z.array(z.string()).max(most.listEntries)], {
  error: `is not a text, number, true, false, or a list of at most ${most.listEntries} texts`,
});

const nameProblem = (name: string): string | undefined => {
  if (name === "") return "has an empty name";
  if (name.length > most.nameCharacters) return `has a name of more than ${most.nameCharacters} characters`;
  return lineProblem(name) === undefined ? undefined : "has a name that is not one line";
};

/** The first thing wrong with the map as a whole. */
const mapProblem = (attributes: Readonly<Record<string, unknown>>): string | undefined => {
  const names = Object.keys(attributes);
  if (names.length > directoryBounds.attributes) return `has ${names.length} entries, and ${directoryBounds.attributes} are allowed`;
  const unfit = names.map(nameProblem).find((problem) => problem !== undefined);
  if (unfit) return unfit;
  const bytes = Buffer.byteLength(JSON.stringify(attributes));
  return bytes > directoryBounds.attributeBytes
    ? `has ${bytes} bytes of JSON, and ${directoryBounds.attributeBytes} are allowed`
    : undefined;
};

/** Values that a tenant keeps with a user or a group. */
export const attributes = z
  .record(z.string(), value)
  .superRefine((given, context) => {
    const problem = mapProblem(given);
    if (problem) context.addIssue({ code: "custom", message: problem, params: { fix: `give ${wanted}` } });
  })
  .meta({ wanted, typed: "Record<string, string | number | boolean | string[]>" });
