const gsm7Basic = new Set(
  "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà",
);
const gsm7Extended = new Set("\f^{}\\[~]|€");

export interface SmsSegments {
  readonly encoding: "GSM-7" | "UCS-2";
  /** How many parts the phone network carries, and bills. */
  readonly segments: number;
}

/** Parts of so many units each when one part of `alone` does not hold them all. A character never lies in two parts. */
const partsOf = (widths: readonly number[], alone: number, inParts: number): number => {
  if (widths.reduce((sum, width) => sum + width, 0) <= alone) return 1;
  let [parts, used] = [1, 0];
  for (const width of widths) {
    if (used + width > inParts) [parts, used] = [parts + 1, 0];
    used += width;
  }
  return parts;
};

/** Counts the parts of a text: 160 (153 in several) septets of GSM 03.38, else 70 (67) UTF-16 units. Source: 3GPP TS 23.038, 23.040. */
export const countSmsSegments = (text: string): SmsSegments => {
  const characters = [...text];
  const isGsm7 = characters.every((character) => gsm7Basic.has(character) || gsm7Extended.has(character));
  return isGsm7
    ? {
        encoding: "GSM-7",
        segments: partsOf(
          characters.map((character) => (gsm7Extended.has(character) ? 2 : 1)),
          160,
          153,
        ),
      }
    : {
        encoding: "UCS-2",
        segments: partsOf(
          characters.map((character) => character.length),
          70,
          67,
        ),
      };
};
