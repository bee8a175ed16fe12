import type { Command } from "commander";
import type { Finding } from "../../channels/finding.js";
import { type CheckedMessage, checkMessage } from "../../client/check-message.js";
import { senderRefusal } from "../../processors/sender-policy.js";
import { type Accepter, createAccepter } from "../../sources/accepter.js";
import { createIdempotency, type Idempotency } from "../../sources/idempotency.js";
import { systemClock } from "../../stores/clock.js";
import { channelPolicyOf, limitsOf } from "../../topology/delivery-policy.js";
import { tenantName } from "../arguments.js";
import { sizeOfFile } from "../import-file.js";
import { inputsOf } from "../import-inputs.js";
import { paint } from "../palette.js";
import { createProgress, say, sayAside } from "../print.js";
import { withSession } from "../session.js";

const batchSize = 500;
const shownProblems = 20;

interface ImportOptions {
  readonly tenant: string;
  readonly template?: string;
  readonly channel?: string;
}

interface Tally {
  accepted: number;
  refused: number;
  bytes: number;
}

interface ImportPorts {
  readonly accepter: Accepter;
  readonly idempotency: Idempotency;
  readonly limits: Parameters<typeof checkMessage>[1];
  /** Why a tenant may not use the sender that its message names. */
  readonly refusalOf: (message: CheckedMessage, tenant: string) => Finding | undefined;
}

interface Line {
  readonly number: number;
  readonly message: CheckedMessage;
}

const refuse = (tally: Tally, number: number, problem: string): void => {
  tally.refused += 1;
  if (tally.refused <= shownProblems) sayAside(`${paint.red("✗")} line ${number}${problem}`);
};

/** Accepts one tenant's lines, except those whose idempotency key already belongs to other content. */
const acceptLines = async (lines: readonly Line[], owner: string, { accepter, idempotency }: ImportPorts, tally: Tally): Promise<void> => {
  const conflicts = await idempotency.conflicts(
    lines.map(({ message }) => message),
    owner,
  );
  const fit = lines.filter((_, index) => !conflicts[index]);
  await accepter.accept(
    fit.map(({ message }) => message),
    owner,
  );
  tally.accepted += fit.length;
  for (const { number } of lines.filter((_, index) => conflicts[index]))
    refuse(tally, number, ": idempotencyKey was already used with different content (send the same content, or use another key)");
};

const importFile = async (file: string, { tenant, ...defaults }: ImportOptions, ports: ImportPorts, tally: Tally): Promise<void> => {
  const progress = createProgress(`importing ${file}`);
  const total = sizeOfFile(file);
  const byTenant = new Map<string, Line[]>();
  let waiting = 0;
  const flush = async (): Promise<void> => {
    const batch = [...byTenant];
    // cleared before sending: lines that failed half-way must not be sent again
    byTenant.clear();
    waiting = 0;
    await Promise.all(batch.map(([owner, lines]) => acceptLines(lines, owner, ports, tally)));
    if (total === undefined) progress.at(tally.accepted + tally.refused);
    else progress.at(total === 0 ? 100 : Math.round((tally.bytes / total) * 100), 100);
  };
  try {
    for await (const { number, input, problem, readBytes } of inputsOf(file, defaults)) {
      tally.bytes = readBytes;
      if (problem !== undefined) {
        refuse(tally, number, ` ${problem}`);
        continue;
      }
      const { errors, message } = checkMessage(input, ports.limits);
      if (!message) {
        refuse(tally, number, `: ${errors.map(({ field, problem, fix }) => `${field} ${problem} (${fix})`).join("; ")}`);
        continue;
      }
      const owner = message.tenant ?? tenant;
      const refusal = ports.refusalOf(message, owner);
      if (refusal) {
        refuse(tally, number, `: from ${refusal.problem} (${refusal.fix})`);
        continue;
      }
      const lines = byTenant.get(owner) ?? [];
      byTenant.set(owner, lines);
      lines.push({ number, message });
      waiting += 1;
      if (waiting >= batchSize) await flush();
    }
  } catch (error) {
    // the lines before it are still sent, so that the figures show where to continue
    if (waiting > 0) await flush();
    throw error;
  }
  tally.bytes = total ?? tally.bytes;
  await flush();
  progress.end();
};

export const addImportCommand = (program: Command): void => {
  program
    .command("import <file>")
    .description(
      "send the messages in an NDJSON or CSV file (.gz too; - reads standard input); a line is a body of POST /v1/messages, a CSV column a field such as variables.name",
    )
    .option("--tenant <tenant>", "tenant of lines that name none", tenantName, "local")
    .option("--template <name>", "template of lines that have neither template nor content")
    .option("--channel <channel>", "channel of lines that name none")
    .action((file: string, options: ImportOptions, command: Command) =>
      withSession(command, async ({ config, stores, assembly }) => {
        await stores.log.ensureTopics(assembly.topics);
        const tally: Tally = { accepted: 0, refused: 0, bytes: 0 };
        const beginMs = Date.now();
        const accepter = createAccepter(assembly, "command line", stores.log, systemClock);
        const idempotency = createIdempotency(stores.claims, config, systemClock);
        const refusalOf: ImportPorts["refusalOf"] = ({ channel, from }, owner) =>
          senderRefusal(channel, channelPolicyOf(config, channel), owner, from);
        const sayFigures = (): void =>
          say(`${tally.accepted} accepted in ${((Date.now() - beginMs) / 1_000).toFixed(1)} s, ${tally.refused} refused`);
        try {
          await importFile(file, options, { accepter, idempotency, limits: limitsOf(config), refusalOf }, tally);
        } catch (error) {
          if (tally.accepted + tally.refused > 0) sayFigures();
          throw error;
        }
        sayFigures();
        if (tally.refused > 0) process.exitCode = 1;
      }),
    );
};
