/** A count with its unit, in the singular for one: `1 message`, `2,000 messages`. */
export const counted = (count: number, unit: string, units = `${unit}s`): string =>
  `${count.toLocaleString("en")} ${count === 1 ? unit : units}`;
