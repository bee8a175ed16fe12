import type { z } from "zod";

/** Values with defaults for the absent ones. */
type Filled<Given, Absent> = {
  readonly [Key in keyof Given]-?: Key extends keyof Absent ? Exclude<Given[Key], undefined> | Absent[Key] : Given[Key];
};

/** An object whose absent fields default to `absent`: senders omit them, and all other code finds them set. */
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
