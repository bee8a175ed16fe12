const isoForm = /^(\d{4}-\d{2}-(\d{2}))(?:[Tt ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?)([Zz]|[+-]\d{2}:?\d{2})?)?$/;

export interface IsoDate {
  readonly at: Date;
  /** Whether the text says how far its clock is from UTC; a date alone, or without it, is read as UTC. */
  readonly hasOffset: boolean;
}

/**
 * A date or a time in ISO 8601 that the calendar has; undefined for anything else. JavaScript alone takes 2026-02-30 for the second
 * of March, a year for its first day, words for comments, and a time without an offset for one of the machine's own zone.
 */
export const isoDateOf = (text: string): IsoDate | undefined => {
  const [, date, day, time = "00:00", offset] = isoForm.exec(text.trim()) ?? [];
  if (date === undefined || new Date(`${date}T00:00Z`).getUTCDate() !== Number(day)) return undefined;
  const at = new Date(`${date}T${time}${offset?.toUpperCase().replace(/(\d{2})(\d{2})$/, "$1:$2") ?? "Z"}`);
  return Number.isNaN(at.getTime()) ? undefined : { at, hasOffset: offset !== undefined };
};
