/** Digits of a time in milliseconds as hexadecimal: enough until the year 10,000. */
const timeDigits = 12;
const form = /^[0-9a-f]{12}-[0-9A-Za-z-]{1,64}$/;

/** The id of an entry: its time, and a name that is unique to the change. Ids sort by time. */
export const auditIdOf = (at: Date, name: string): string => `${timeOf(at)}-${name}`;

const timeOf = (at: Date): string => Math.max(0, at.getTime()).toString(16).padStart(timeDigits, "0");

export const isAuditId = (id: string): boolean => form.test(id);

export const timeOfAuditId = (id: string): Date => new Date(Number.parseInt(id.slice(0, timeDigits), 16));

/** Sorts before all ids of this time or later. */
export const firstAuditIdAt = (at: Date): string => `${timeOf(at)}-`;
