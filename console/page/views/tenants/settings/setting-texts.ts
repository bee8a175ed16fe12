import type { SettingsView } from "../../../../../operations/tenants/settings-desk.js";

/** The text of each setting, by its path, such as `rates.messagesPerSecond`. Empty: the setting is not set. */
export type SettingTexts = Readonly<Record<string, string>>;

const senders = "senders.";
const numbers = ["quotas.messagesPerDay", "rates.requestsPerSecond", "rates.messagesPerSecond", "rates.criticalPerSecond"];

const linesOf = (text: string): readonly string[] =>
  text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");

/** The settings as a form shows them: a sender is a line. `channels`: those of the installation. */
export const textsOf = (settings: SettingsView, channels: readonly string[]): SettingTexts => {
  const { quotas, rates } = settings;
  const ofChannels = [...new Set([...channels, ...Object.keys(settings.senders)])];
  return {
    locale: settings.locale ?? "",
    timeZone: settings.timeZone ?? "",
    "quotas.messagesPerDay": String(quotas.messagesPerDay ?? ""),
    "rates.requestsPerSecond": String(rates.requestsPerSecond ?? ""),
    "rates.messagesPerSecond": String(rates.messagesPerSecond ?? ""),
    "rates.criticalPerSecond": String(rates.criticalPerSecond ?? ""),
    ...Object.fromEntries(ofChannels.map((channel) => [`${senders}${channel}`, (settings.senders[channel] ?? []).join("\n")])),
  };
};

/** The value that a text stands for. The service refuses a text that should be a number, and names its field. */
const valueIn = (path: string, text: string): string | number | readonly string[] | null => {
  const lines = linesOf(text);
  if (lines.length === 0) return null;
  if (path.startsWith(senders)) return lines;
  const value = text.trim();
  return numbers.includes(path) && /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : value;
};

/** The merge patch (RFC 7396) with the settings that differ alone, so that those of another caller stay. Empty: none differs. */
export const changeOf = (before: SettingTexts, after: SettingTexts): Readonly<Record<string, unknown>> => {
  const change: Record<string, unknown> = {};
  for (const [path, text] of Object.entries(after)) {
    const value = valueIn(path, text);
    if (JSON.stringify(value) === JSON.stringify(valueIn(path, before[path] ?? ""))) continue;
    const [group = "", name] = path.split(".");
    change[group] = name === undefined ? value : { ...(change[group] as object | undefined), [name]: value };
  }
  return change;
};
