const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const month = `(${months.join("|")})`;
const time = "(\\d\\d):(\\d\\d):(\\d\\d)";

/** HTTP's three date formats, each with the order of its parts. Source: RFC 9110, 5.6.7. */
const forms: readonly { readonly pattern: RegExp; readonly order: readonly ("day" | "month" | "year" | "time")[] }[] = [
  {
    pattern: new RegExp(`^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), (\\d\\d) ${month} (\\d{4}) ${time} GMT$`),
    order: ["day", "month", "year", "time"],
  },
  {
    pattern: new RegExp(`^(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day, (\\d\\d)-${month}-(\\d\\d) ${time} GMT$`),
    order: ["day", "month", "year", "time"],
  },
  {
    pattern: new RegExp(`^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) ${month} ([ \\d]\\d) ${time} (\\d{4})$`),
    order: ["month", "day", "time", "year"],
  },
];

/** A two-digit year is the nearest such year that is at most 50 years ahead. Source: RFC 9110, 5.6.7. */
const yearOf = (digits: string, nowMs: number): number => {
  if (digits.length === 4) return Number(digits);
  const now = new Date(nowMs).getUTCFullYear();
  const year = now - (now % 100) + Number(digits);
  return year > now + 50 ? year - 100 : year;
};

const httpDateOf = (text: string, nowMs: number): number | undefined => {
  for (const { pattern, order } of forms) {
    const found = pattern.exec(text)?.slice(1);
    if (!found) continue;
    const part = (name: "day" | "month" | "year" | "time"): string[] => {
      const index = order.slice(0, order.indexOf(name)).reduce((sum, one) => sum + (one === "time" ? 3 : 1), 0);
      return found.slice(index, index + (name === "time" ? 3 : 1));
    };
    const [hour = 0, minute = 0, second = 0] = part("time").map(Number);
    const day = Number(part("day")[0]);
    const ms = Date.UTC(yearOf(part("year")[0] ?? "", nowMs), months.indexOf(part("month")[0] ?? ""), day, hour, minute, second);
    const isDate = new Date(ms).getUTCDate() === day && hour < 24 && minute < 60 && second <= 60;
    return isDate ? ms : undefined;
  }
  return undefined;
};

/**
 * The pause in a Retry-After header in milliseconds, at most `mostMs`: whole seconds, or an HTTP date. Undefined if it is neither. Source:
 * RFC 9110, 10.2.3.
 */
export const retryAfterMsOf = (header: string | null | undefined, nowMs: number, mostMs: number): number | undefined => {
  const text = header?.trim() ?? "";
  if (/^\d+$/.test(text)) return Math.min(Number(text) * 1_000, mostMs);
  const dateMs = httpDateOf(text, nowMs);
  return dateMs === undefined ? undefined : Math.min(Math.max(0, dateMs - nowMs), mostMs);
};
