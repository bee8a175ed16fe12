const whole = new Intl.NumberFormat("en");
const short = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });

export const countText = (count: number): string => (count >= 100_000 ? short.format(count) : whole.format(Math.round(count)));

/** A count with its noun, such as `1 line` or `2 lines`. */
export const countedText = (count: number, noun: string): string => `${countText(count)} ${noun}${count === 1 ? "" : "s"}`;

export const rateText = (perSecond: number): string =>
  perSecond === 0 ? "0/s" : perSecond < 10 ? `${perSecond.toFixed(1)}/s` : `${countText(perSecond)}/s`;

export const spanText = (ms: number | null | undefined): string => {
  if (ms === null || ms === undefined) return "–";
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1_000).toFixed(ms < 10_000 ? 1 : 0)} s`;
  if (ms < 3_600_000) return `${Math.floor(ms / 60_000)} min ${Math.floor((ms % 60_000) / 1_000)} s`;
  if (ms < 172_800_000) return `${(ms / 3_600_000).toFixed(1)} h`;
  return `${(ms / 86_400_000).toFixed(1)} d`;
};

export const shareText = (share: number | null | undefined): string =>
  share === null || share === undefined ? "–" : `${(share * 100).toFixed(share > 0 && share < 1 ? 1 : 0)}%`;

const dated = new Intl.DateTimeFormat("en-GB", { day: "2-digit", month: "short", hour: "2-digit", minute: "2-digit", second: "2-digit" });

export const instantText = (at: string | number | null): string => (at === null ? "–" : dated.format(new Date(at)));

const day = new Intl.DateTimeFormat("en-GB", { day: "2-digit", month: "short", year: "numeric" });

export const dayText = (at: string): string => day.format(new Date(at));

const toMinute = { day: "2-digit", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit" } as const;
const minute = new Intl.DateTimeFormat("en-GB", toMinute);
const second = new Intl.DateTimeFormat("en-GB", { ...toMinute, second: "2-digit" });

/** A time to the minute, with its year. */
export const minuteText = (at: string): string => minute.format(new Date(at));

/** A time to the second, with its year. */
export const secondText = (at: string): string => second.format(new Date(at));

/** When a message was due. Its times start here, so that a scheduled message does not look slow. */
export const dueMsOf = ({ acceptedAt, notBefore }: { readonly acceptedAt: string; readonly notBefore: string | null }): number =>
  Math.max(Date.parse(acceptedAt), notBefore ? Date.parse(notBefore) : 0);

export const words = (name: string): string =>
  name
    .replaceAll(/[_-]/g, " ")
    .replaceAll(/([a-z])([A-Z])/g, "$1 $2")
    .toLowerCase();

/** A field's name as a label: its words, the first with a capital. */
export const labelText = (name: string): string => words(name).replace(/^./, (first) => first.toUpperCase());

export const moneyText = (costs: Readonly<Record<string, number>>): string => {
  const parts = Object.entries(costs)
    .filter(([, amount]) => amount !== 0)
    .map(([name, amount]) => `${amount.toLocaleString("en", { maximumFractionDigits: 4 })} ${name === "credit" ? "credits" : name}`);
  return parts.length === 0 ? "–" : parts.join(", ");
};

/**
 * Decodes a part of the URL. Returns it unchanged if it is not percent-encoded UTF-8, so that a broken link finds no message instead of
 * breaking the page.
 */
export const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};
