const isoForm = /^(\d{4}-\d{2}-(\d{2}))(?:[Tt ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?)([Zz]|[+-]\d{2}:?\d{2})?)?$/;

export interface IsoDate {
  readonly at: Date;
  /** Whether the text has a UTC offset. A date alone, or a time without one, is read as UTC. */
  readonly hasOffset: boolean;
}

/**
 * Parses a date or time in ISO 8601 that the calendar contains; undefined for anything else. JavaScript's own parser reads 2026-02-30 as 2
 * March, a year as its first day, ignores words as comments, and uses the machine's zone for a time without an offset.
 */
export const isoDateOf = (text: string): IsoDate | undefined => {
  const [, date, day, time = "00:00", offset] = isoForm.exec(text.trim()) ?? [];
  if (date === undefined || new Date(`${date}T00:00Z`).getUTCDate() !== Number(day)) return undefined;
  const at = new Date(`${date}T${time}${offset?.toUpperCase().replace(/(\d{2})(\d{2})$/, "$1:$2") ?? "Z"}`);
  return Number.isNaN(at.getTime()) ? undefined : { at, hasOffset: offset !== undefined };
};
