import { type Command, InvalidArgumentError, Option } from "commander";
import type { SettingsView } from "../../operations/tenants/settings-desk.js";
import { channels, isChannel } from "../../schemas/vocabulary.js";
import { notEmpty, positive, wholeAbove0 } from "../arguments.js";
import { withDeployment } from "../deployment/open-deployment.js";
import { say, sayJson, table } from "../print.js";

interface Json {
  readonly json?: boolean;
}

type Patch = { [name: string]: unknown };

const jsonOption = ["--json", "print JSON"] as const;

/** Every setting that has a value, by its path. */
const leavesOf = (value: unknown, path: readonly string[] = []): readonly (readonly [string, string])[] => {
  if (typeof value !== "object" || value === null) return [[path.join("."), value === null ? "–" : String(value)]];
  if (Array.isArray(value)) return [[path.join("."), value.join(", ")]];
  return Object.entries(value).flatMap(([name, inner]) => leavesOf(inner, [...path, name]));
};

const saySettings = (settings: SettingsView, json: boolean | undefined): void =>
  json ? sayJson(settings) : say(table([["setting", "value"], ...leavesOf(settings)]));

/** Sets a value at a path of names. */
const setAt = (patch: Patch, [name = "", ...rest]: readonly string[], value: unknown): void => {
  if (rest.length === 0) patch[name] = value;
  else {
    const inner: Patch = (patch[name] as Patch | undefined) ?? {};
    patch[name] = inner;
    setAt(inner, rest, value);
  }
};

/** Each option with a value of its own, by the setting that it changes. */
const pathOf = {
  locale: ["locale"],
  timeZone: ["timeZone"],
  messagesPerDay: ["quotas", "messagesPerDay"],
  requestsPerSecond: ["rates", "requestsPerSecond"],
  messagesPerSecond: ["rates", "messagesPerSecond"],
  criticalPerSecond: ["rates", "criticalPerSecond"],
} as const satisfies Readonly<Record<string, readonly string[]>>;

const resettable = [...Object.values(pathOf).map((path) => path.join(".")), "senders"];

type GivenSender = readonly [channel: string, sender: string];

interface SetOptions extends Json, Partial<Readonly<Record<keyof typeof pathOf, string | number>>> {
  readonly sender?: readonly GivenSender[];
  readonly reset?: readonly string[];
}

const senderOf = (text: string, former: readonly GivenSender[] = []): readonly GivenSender[] => {
  const [, channel = "", sender = ""] = /^([^=]+)=(.+)$/s.exec(text) ?? [];
  if (!isChannel(channel)) throw new InvalidArgumentError("Give the channel and the sender, such as sms=+14155550100.");
  return [...former, [channel, sender]];
};

/** `senders.<channel>` resets the senders of one channel. */
const settingName = (text: string, former: readonly string[] = []): readonly string[] => {
  const [first, channel = "", ...more] = text.split(".");
  const isOfChannel = first === "senders" && isChannel(channel) && more.length === 0;
  if (!resettable.includes(text) && !isOfChannel)
    throw new InvalidArgumentError(`It is not one of ${resettable.join(", ")} and senders.<channel>.`);
  return [...former, text];
};

/** The merge patch that the options describe. */
const patchOf = ({ sender = [], reset = [], ...given }: Omit<SetOptions, "json">): object => {
  const patch: Patch = {};
  // by channel, because null would not go together with the senders of one
  const all = reset.flatMap((name) => (name === "senders" ? channels.map((channel) => `senders.${channel}`) : [name]));
  for (const name of all) setAt(patch, name.split("."), null);
  const values: Readonly<Record<string, unknown>> = given;
  for (const [option, path] of Object.entries(pathOf)) if (values[option] !== undefined) setAt(patch, path, values[option]);
  for (const channel of new Set(sender.map(([one]) => one))) {
    const own = sender.filter(([one]) => one === channel).map(([, from]) => from);
    setAt(patch, ["senders", channel], own);
  }
  return patch;
};

const rateOption = (name: string, doc: string): Option => new Option(`--${name} <number>`, doc).argParser(positive(1_000_000));

/** Commands that show and change the settings of a tenant. */
export const addTenantSettings = (parent: Command): void => {
  parent
    .command("settings <tenant>")
    .description("show the settings of a tenant")
    .option(...jsonOption)
    .action((id: string, { json }: Json, command: Command) =>
      withDeployment(command, async ({ tenants }) => saySettings(await tenants.settings(id), json)),
    );
  parent
    .command("set <tenant>")
    .description("change settings of a tenant; all processes use them within 5 seconds")
    .addOption(new Option("--locale <tag>", "its language, such as pt-BR").argParser(notEmpty))
    .addOption(new Option("--time-zone <name>", "its time zone, such as Europe/Paris").argParser(notEmpty))
    .addOption(new Option("--messages-per-day <number>", "most messages in a day of its time zone").argParser(wholeAbove0()))
    .addOption(rateOption("requests-per-second", "most requests in a second"))
    .addOption(rateOption("messages-per-second", "most messages in a second"))
    .addOption(rateOption("critical-per-second", "most critical messages in a second; the others use the high lane"))
    .addOption(
      new Option("--sender <channel=sender>", "a sender that messages may name; repeat it, the default sender first").argParser(senderOf),
    )
    .addOption(
      new Option("--reset <setting>", `back to its default: ${resettable.join(", ")}, senders.<channel>; repeat it for several`).argParser(
        settingName,
      ),
    )
    .option(...jsonOption)
    .action((id: string, { json, ...options }: SetOptions, command: Command) =>
      withDeployment(command, async ({ tenants }) => saySettings(await tenants.changeSettings(id, patchOf(options)), json)),
    );
};
