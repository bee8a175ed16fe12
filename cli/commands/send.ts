import type { Command } from "commander";
import { type TextPart, textParts } from "../../channels/content-parts.js";
import { inWords } from "../../channels/in-words.js";
import { fieldAt } from "../../client/field-reference.js";
import type { SentResult } from "../../http/batch-result.js";
import type { MessageView } from "../../operations/message-view.js";
import { CarillonError } from "../../schemas/errors.js";
import { channels, lanes } from "../../schemas/vocabulary.js";
import { instantText, tenantName } from "../arguments.js";
import { withDeployment } from "../deployment/open-deployment.js";
import { collectStep, type FallbackStep, stepForm } from "../fallback-step.js";
import { paint } from "../palette.js";
import { say, sayAside, sayJson } from "../print.js";
import { renderTimeline } from "../timeline.js";
import { assertServed, waitForFinal } from "../wait-for-final.js";

interface SendOptions extends Readonly<Partial<Record<TextPart, string>>> {
  readonly channel?: string;
  readonly to?: string;
  readonly user?: string;
  readonly fallback?: readonly FallbackStep[];
  readonly lane?: string;
  readonly template?: string;
  readonly var?: readonly string[];
  readonly tenant?: string;
  readonly from?: string;
  readonly idempotencyKey?: string;
  readonly notBefore?: string | number;
  readonly expiresAt?: string | number;
  readonly wait?: boolean;
  readonly json?: boolean;
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

const refused = (field: string, problem: string, fix: string): CarillonError => new CarillonError("INPUT_INVALID", problem, { field, fix });

/** The part of a message that names its recipient: an address, or a user with the channel that is to be used first. */
const recipientOf = ({ channel, to, user, fallback }: Pick<SendOptions, "channel" | "to" | "user" | "fallback">): object => {
  if (user === undefined && fallback) throw refused("--fallback", "is given without --user", "give the user to send to");
  if (user === undefined) return { channel, to };
  if (to !== undefined) throw refused("--user", "is given with --to", "give one of both");
  if (fallback && channel === undefined) throw refused("--fallback", "is given without --channel", "give the channel to send on first");
  if (fallback) return { recipient: { user, fallback: [{ channel }, ...fallback] } };
  return { recipient: { user, ...(channel === undefined ? {} : { channels: [channel] }) } };
};

const inputOf = ({
  channel,
  to,
  user,
  fallback,
  lane,
  template,
  from,
  idempotencyKey,
  notBefore,
  expiresAt,
  ...options
}: SendOptions): unknown => {
  const given = textParts.filter((part) => options[part] !== undefined);
  return {
    ...recipientOf({ channel, to, user, fallback }),
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

const sayIds = (sent: SentResult, json: boolean | undefined): void => {
  if (json) sayJson(sent);
  else for (const { id } of sent.messages ?? [sent]) say(id);
};

const sayAccepted = (id: string, unservedAt: string | undefined): void => {
  sayAside(paint.dim(`accepted; see carillon status ${id}`));
  if (unservedAt !== undefined)
    sayAside(`${paint.yellow("▲")} no Carillon process runs on ${unservedAt}: the message is delivered once one starts`);
};

const sayFinal = (view: MessageView, json: boolean | undefined): void => {
  if (json) sayJson(view);
  else say(renderTimeline(view, view.to));
  if (view.status !== "delivered") process.exitCode = 1;
};

const addContentOptions = (command: Command): Command =>
  textParts.reduce((all, part) => all.option(`--${part} <text>`, fieldAt(`content.${part}`)?.doc ?? ""), command);

export const addSendCommand = (program: Command): void => {
  addContentOptions(program.command("send"))
    .description("send one message")
    .option("--channel <channel>", `channel: ${inWords(channels)}; with --user, Carillon chooses one by default`)
    .option("--to <recipient>", fieldAt("to")?.wanted ?? "")
    .option("--user <id>", "a user of the directory, instead of --to")
    .option(
      "--fallback <step>",
      `channel to send on unless the message comes that far in time: ${stepForm}; with --user and --channel; may be repeated`,
      collectStep,
    )
    .option("--lane <lane>", `lane: ${inWords(lanes)}`)
    .option("--template <name>", "name of a configured template")
    .option("--var <name=value>", "variable of the template; may be repeated", collect)
    .option("--tenant <tenant>", "tenant of the message (default: local, or the tenant of the key)", tenantName)
    .option("--from <sender>", "sender, if not the default")
    .option("--idempotency-key <key>", "requests with the same key are one message")
    .option("--not-before <time>", "earliest time to send, in ISO 8601 or milliseconds since 1970 UTC", instantText)
    .option("--expires-at <time>", "latest time to send, in ISO 8601 or milliseconds since 1970 UTC", instantText)
    .option("--wait", "wait for the final status and show the timeline; exit code 1 unless it is delivered")
    .option("--json", "print JSON: the id and the warnings, or with --wait the message as carillon status does")
    .action((options: SendOptions, command: Command) =>
      withDeployment(command, async (deployment) => {
        const input = inputOf(options);
        if (options.wait) assertServed(deployment);
        const sent = await deployment.messages.send(input, options.tenant);
        const { id, warnings } = sent;
        for (const { field, problem, fix } of warnings) sayAside(`${paint.yellow("▲")} ${field} ${problem}: ${fix}`);
        if (options.wait) return sayFinal(await waitForFinal(deployment, id), options.json);
        sayIds(sent, options.json);
        sayAccepted(id, deployment.unservedAt());
      }),
    );
};
