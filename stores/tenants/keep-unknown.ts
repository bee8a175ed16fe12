type Fields = Readonly<Record<string, unknown>>;

const isFields = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;

/** The name of an item in a list, which stays the same from one document to the next. */
const nameOf = (item: unknown): unknown => (isFields(item) ? (item.id ?? item.kid) : undefined);

const keepInLists = (stored: readonly unknown[], read: readonly unknown[], written: readonly unknown[]): readonly unknown[] =>
  written.map((item) => {
    const name = nameOf(item);
    const index = name === undefined ? -1 : stored.findIndex((one) => nameOf(one) === name);
    return index < 0 ? item : keepUnknown(stored[index], read[index], item);
  });

/**
 * The written value, with the fields of the stored one that this version does not know. `read` is the stored value without them. An older
 * process that changes a tenant's name must not remove what a newer one stored.
 */
export const keepUnknown = (stored: unknown, read: unknown, written: unknown): unknown => {
  if (Array.isArray(stored) && Array.isArray(read) && Array.isArray(written)) return keepInLists(stored, read, written);
  if (!isFields(stored) || !isFields(read) || !isFields(written)) return written;
  const unknown = Object.entries(stored).filter(([name]) => !Object.hasOwn(read, name) && !Object.hasOwn(written, name));
  const known = Object.entries(written).map(([name, value]) => [name, keepUnknown(stored[name], read[name], value)]);
  return Object.fromEntries([...unknown, ...known]);
};
