const gsm7Basic = new Set(
  "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà",
);
const gsm7Extended = new Set("\f^{}\\[~]|€");

export interface SmsSegments {
  readonly encoding: "GSM-7" | "UCS-2";
  /** How many parts the phone network carries, and bills. */
  readonly segments: number;
}

/** Counts the parts of a text: 160 (153 in several) septets of GSM 03.38, else 70 (67) UTF-16 units. Source: 3GPP TS 23.038, 23.040. */
export const countSmsSegments = (text: string): SmsSegments => {
  let septets = 0;
  for (const character of text) {
    if (gsm7Basic.has(character)) septets += 1;
    else if (gsm7Extended.has(character)) septets += 2;
    else return { encoding: "UCS-2", segments: text.length <= 70 ? 1 : Math.ceil(text.length / 67) };
  }
  return { encoding: "GSM-7", segments: septets <= 160 ? 1 : Math.ceil(septets / 153) };
};
