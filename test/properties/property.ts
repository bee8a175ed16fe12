import fc from "fast-check";

/**
 * How much is tried: little and always the same in every test run, more and random in `npm run fuzz`. A fault prints its seed and its
 * smallest input; CARILLON_FUZZ_SEED repeats that seed.
 */
const { CARILLON_FUZZ_RUNS: runs, CARILLON_FUZZ_SEED: seed } = process.env;
const fixedSeed = 20_261_122;

export const parameters: fc.Parameters<unknown> = {
  numRuns: runs ? Number(runs) : 200,
  seed: seed ? Number(seed) : runs ? Date.now() % 2 ** 31 : fixedSeed,
};
export const timeoutMs = 600_000;

/** Fractions of `numRuns` for properties with slow runs. */
export const fewer = (divisor: number): fc.Parameters<unknown> => ({
  ...parameters,
  numRuns: Math.max(20, Math.round((parameters.numRuns ?? 0) / divisor)),
});

/** Text that breaks parsers: line breaks, quotes, markup, astral and combining characters, right-to-left marks. */
export const nastyText = (maxLength = 60): fc.Arbitrary<string> =>
  fc.oneof(
    fc.string({ unit: "grapheme", maxLength }),
    fc.string({ unit: "binary", maxLength }),
    fc
      .array(
        fc.constantFrom(
          "\r\n",
          "\n",
          "\0",
          "\t",
          '"',
          "'",
          "<",
          ">",
          "&",
          "{{",
          "}}",
          "$",
          "\\",
          "=?utf-8?B?",
          "\u202e",
          "é",
          "😀",
          ".",
          "bcc:x@y.z",
          " ",
        ),
        {
          maxLength: Math.ceil(maxLength / 4),
        },
      )
      .map((parts) => parts.join("")),
  );

/** Whether the text has no unpaired surrogates, which UTF-8 cannot represent. */
export const isWellFormed = (text: string): boolean => Buffer.from(text).toString() === text;
