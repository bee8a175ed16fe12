/** A count with its unit, in the singular for one: `1 message`, `2,000 messages`. */
export const counted = (count: number, unit: string, units = `${unit}s`): string =>
  `${count.toLocaleString("en")} ${count === 1 ? unit : units}`;

export const mebibytes = (bytes: number): string => (bytes / 1_048_576).toFixed(1);

/** A size in words: `1.5 MiB`. */
export const sizeOf = (bytes: number): string => `${mebibytes(bytes)} MiB`;
