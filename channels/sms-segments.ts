const gsm7Basic = new Set(
  "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà",
);
const gsm7Extended = new Set("\f^{}\\[~]|€");

export interface SmsSegments {
  readonly encoding: "GSM-7" | "UCS-2";
  /** Number of parts that the phone network transmits and bills. */
  readonly segments: number;
}

export interface SmsParts {
  readonly encoding: "GSM-7" | "UCS-2";
  readonly parts: readonly string[];
}

/** Splits the text into parts of `inParts` units if it exceeds one part of `alone`. Never splits a character. */
const cut = (characters: readonly string[], widthOf: (character: string) => number, alone: number, inParts: number): readonly string[] => {
  const whole = characters.reduce((sum, character) => sum + widthOf(character), 0);
  if (whole <= alone) return [characters.join("")];
  const parts: string[] = [];
  let [part, used] = ["", 0];
  for (const character of characters) {
    const width = widthOf(character);
    if (used + width > inParts) {
      parts.push(part);
      [part, used] = ["", 0];
    }
    part += character;
    used += width;
  }
  return [...parts, part];
};

/**
 * The parts of a text: up to 160 septets of GSM 03.38 (153 each in several parts), else 70 UTF-16 units (67). Source: 3GPP TS 23.038,
 * 23.040.
 */
export const splitSms = (text: string): SmsParts => {
  const characters = [...text];
  return characters.every((character) => gsm7Basic.has(character) || gsm7Extended.has(character))
    ? { encoding: "GSM-7", parts: cut(characters, (character) => (gsm7Extended.has(character) ? 2 : 1), 160, 153) }
    : { encoding: "UCS-2", parts: cut(characters, (character) => character.length, 70, 67) };
};

/** Counts the parts of a text. */
export const countSmsSegments = (text: string): SmsSegments => {
  const { encoding, parts } = splitSms(text);
  return { encoding, segments: parts.length };
};
