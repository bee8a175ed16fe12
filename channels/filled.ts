import type { z } from "zod";

/** Values with others in the place of those that are absent. */
type Filled<Given, Absent> = {
  readonly [Key in keyof Given]-?: Key extends keyof Absent ? Exclude<Given[Key], undefined> | Absent[Key] : Given[Key];
};

/** An object whose absent fields are what `absent` says: a sender leaves them out, everybody else finds them there. */
export const filled = <Given extends object, Input, Absent extends object>(
  object: z.ZodType<Given, Input>,
  absent: Absent,
): z.ZodType<Filled<Given, Absent>, Input> => {
  const presets = Object.entries(absent);
  return object.transform((given) => {
    const all: Record<string, unknown> = given as Record<string, unknown>;
    for (const [key, preset] of presets) all[key] ??= preset;
    return all as Filled<Given, Absent>;
  });
};
