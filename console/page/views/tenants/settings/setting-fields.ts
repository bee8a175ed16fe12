import type { SettingTexts } from "./setting-texts.js";

/** A setting as the page shows it. */
export interface SettingField {
  /** Where it is in the settings, such as `rates.messagesPerSecond`. */
  readonly path: string;
  readonly label: string;
  readonly description: string;
  /** number: digits are typed. lines: it is a list, a line for each entry. */
  readonly kind: "text" | "zone" | "number" | "lines";
}

const fixed: readonly SettingField[] = [
  { path: "locale", label: "Locale", kind: "text", description: "For example pt-BR. Templates get it for users without a locale" },
  { path: "timeZone", label: "Time zone", kind: "zone", description: "In which the day of the quota ends. Unset: UTC" },
  { path: "quotas.messagesPerDay", label: "Messages a day", kind: "number", description: "Unset: no limit" },
  { path: "rates.requestsPerSecond", label: "Requests a second", kind: "number", description: "Unset: no limit" },
  { path: "rates.messagesPerSecond", label: "Messages a second", kind: "number", description: "Unset: no limit" },
  {
    path: "rates.criticalPerSecond",
    label: "Critical messages a second",
    kind: "number",
    description: "Unset: the rate of the configuration",
  },
];

const ofSenders = (path: string): SettingField => ({
  path,
  label: `Senders for ${path.slice("senders.".length)}`,
  kind: "lines",
  description: "One on each line, the default one first. Unset: those of the configuration",
});

/** The fields of the given settings, in the order of the page. */
export const fieldsOf = (texts: SettingTexts): readonly SettingField[] => [
  ...fixed,
  ...Object.keys(texts)
    .filter((path) => path.startsWith("senders."))
    .map(ofSenders),
];
