/** How receipts write the id from submit_sm_resp. */
export const receiptIdForms = ["same", "exact", "hex", "decimal", "either"] as const;

export type ReceiptIds = (typeof receiptIdForms)[number];

/** Ignores case and leading zeros, except if the form is `exact`. */
export const foldedId = (id: string, form: ReceiptIds): string => {
  if (form === "exact") return id;
  const folded = id.trim().toLowerCase();
  const number = form === "same" ? folded : folded.replace(/^0x/, "");
  return number.replace(/^0+(?=.)/, "");
};

const decimalOf = (id: string): string | undefined =>
  /^(0x)?[0-9a-f]+$/.test(id) ? BigInt(`0x${id.replace(/^0x/, "")}`).toString() : undefined;

const hexOf = (id: string): string | undefined => (/^[0-9]+$/.test(id) ? BigInt(id).toString(16) : undefined);

/**
 * The ids under which receipts of a submitted message may arrive, most likely first. SMSCs answer in hexadecimal and report in decimal, or
 * the reverse. Source: SMPP 3.4 leaves the form open (5.2.23 and appendix B).
 */
export const receiptIdsOf = (answered: string, form: ReceiptIds): readonly string[] => {
  const id = foldedId(answered, form);
  const converted: readonly (string | undefined)[] = {
    same: [id],
    exact: [id],
    hex: [hexOf(id)],
    decimal: [decimalOf(id)],
    either: [id, decimalOf(id), hexOf(id)],
  }[form];
  const known = converted.filter((one) => one !== undefined);
  return [...new Set(known.length > 0 ? known : [id])];
};
