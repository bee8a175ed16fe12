import type { Command } from "commander";
import { type TextPart, textParts } from "../../channels/content-parts.js";
import { inWords } from "../../channels/in-words.js";
import { type CheckedMessage, checkMessage } from "../../client/check-message.js";
import { fieldAt } from "../../client/field-reference.js";
import type { Config } from "../../config/schema.js";
import { viewOf } from "../../operations/message-view.js";
import { senderRefusal } from "../../processors/sender-policy.js";
import { CarillonError } from "../../schemas/errors.js";
import { channels, lanes } from "../../schemas/vocabulary.js";
import { createAccepter } from "../../sources/accepter.js";
import { createIdempotency } from "../../sources/idempotency.js";
import { systemClock } from "../../stores/clock.js";
import { channelPolicyOf, limitsOf } from "../../topology/delivery-policy.js";
import { instantText, tenantName } from "../arguments.js";
import { paint } from "../palette.js";
import { say, sayAside } from "../print.js";
import { assertServed, withSession } from "../session.js";
import { renderTimeline } from "../timeline.js";
import { waitForFinal } from "../wait-for-final.js";

interface SendOptions extends Readonly<Partial<Record<TextPart, string>>> {
  readonly channel: string;
  readonly to: string;
  readonly lane?: string;
  readonly template?: string;
  readonly var?: readonly string[];
  readonly tenant: string;
  readonly from?: string;
  readonly idempotencyKey?: string;
  readonly notBefore?: string | number;
  readonly expiresAt?: string | number;
  readonly wait?: boolean;
}

const collect = (value: string, before: readonly string[] = []): string[] => [...before, value];

const variablesOf = (pairs: readonly string[]): Record<string, string> =>
  Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.indexOf("=");
      if (at < 1) throw new CarillonError("INPUT_INVALID", `${pair} is not name=value`, { field: "--var" });
      return [pair.slice(0, at), pair.slice(at + 1)];
    }),
  );

const inputOf = ({ channel, to, lane, template, from, idempotencyKey, notBefore, expiresAt, ...options }: SendOptions): unknown => {
  const given = textParts.filter((part) => options[part] !== undefined);
  return {
    channel,
    to,
    lane,
    template,
    from,
    idempotencyKey,
    notBefore,
    expiresAt,
    ...(given.length > 0 ? { content: Object.fromEntries(given.map((part) => [part, options[part]])) } : {}),
    ...(options.var ? { variables: variablesOf(options.var) } : {}),
  };
};

const refuseForeignSender = (config: Config, { channel, from }: CheckedMessage, tenant: string): void => {
  const refusal = senderRefusal(channel, channelPolicyOf(config, channel), tenant, from);
  if (refusal) throw new CarillonError("INPUT_INVALID", refusal.problem, { field: "from", fix: refusal.fix });
};

/** The message, if it is valid and, when the sender waits, a process works on it. */
const checked = (options: SendOptions, config: Config): CheckedMessage => {
  const { errors, warnings, message } = checkMessage(inputOf(options), limitsOf(config));
  if (!message) {
    const list = errors.map(({ field, problem, fix }) => `  ${field} ${problem}: ${fix}`);
    throw new CarillonError("INPUT_INVALID", `the message is invalid:\n${list.join("\n")}`);
  }
  refuseForeignSender(config, message, options.tenant);
  if (options.wait) assertServed(config);
  for (const { field, problem, fix } of warnings) sayAside(`${paint.yellow("▲")} ${field} ${problem}: ${fix}`);
  return message;
};

const addContentOptions = (command: Command): Command =>
  textParts.reduce((all, part) => all.option(`--${part} <text>`, fieldAt(`content.${part}`)?.doc ?? ""), command);

export const addSendCommand = (program: Command): void => {
  addContentOptions(program.command("send"))
    .description("send one message")
    .requiredOption("--channel <channel>", inWords(channels))
    .requiredOption("--to <recipient>", fieldAt("to")?.wanted ?? "")
    .option("--lane <lane>", inWords(lanes))
    .option("--template <name>", "name of a configured template")
    .option("--var <name=value>", "variable of the template; may be repeated", collect)
    .option("--tenant <tenant>", "tenant of the message", tenantName, "local")
    .option("--from <sender>", "sender, if not the default")
    .option("--idempotency-key <key>", "requests with the same key are one message")
    .option("--not-before <time>", "earliest time to send, in ISO 8601 or milliseconds since 1970 UTC", instantText)
    .option("--expires-at <time>", "latest time to send, in ISO 8601 or milliseconds since 1970 UTC", instantText)
    .option("--wait", "wait for the final status and show the timeline; exit code 1 unless it is delivered")
    .action((options: SendOptions, command: Command) =>
      withSession(command, async ({ config, stores, assembly }) => {
        const message = checked(options, config);

        await stores.log.ensureTopics(assembly.topics);
        const [conflict] = await createIdempotency(stores.claims, config, systemClock).conflicts([message], options.tenant);
        if (conflict) {
          throw new CarillonError(
            "IDEMPOTENCY_CONFLICT",
            `idempotencyKey ${message.idempotencyKey} was already used with different content`,
            {
              fix: "send the same content, or use another key",
            },
          );
        }
        const [accepted] = await createAccepter(assembly, "command line", stores.log, systemClock).accept([message], options.tenant);
        const id = accepted?.id ?? "";
        if (!options.wait) {
          say(id);
          sayAside(paint.dim(`accepted; see carillon status ${id}`));
          return;
        }
        const document = await waitForFinal(stores.lineage, id, () => assertServed(config));
        say(renderTimeline(viewOf(document), document.to));
        if (document.status !== "delivered") process.exitCode = 1;
      }),
    );
};
