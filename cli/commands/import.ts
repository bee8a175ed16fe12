import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { createInterface } from "node:readline";
import type { Command } from "commander";
import pc from "picocolors";
import { type CheckedMessage, checkMessage } from "../../client/check-message.js";
import { messageOf } from "../../schemas/errors.js";
import { type Accepter, createAccepter } from "../../service/accepter.js";
import { systemClock } from "../../stores/clock.js";
import { createProgress, say } from "../print.js";
import { withSession } from "../session.js";

const batchSize = 500;
const shownProblems = 20;

const parseLine = (line: string): unknown => {
  try {
    return JSON.parse(line);
  } catch (error) {
    return { problem: messageOf(error) };
  }
};

interface Tally {
  accepted: number;
  refused: number;
  bytes: number;
}

const importFile = async (
  file: string,
  tenant: string,
  accepter: Accepter,
  limits: Parameters<typeof checkMessage>[1],
  tally: Tally,
): Promise<void> => {
  const progress = createProgress(`importing ${file}`);
  const total = (await stat(file)).size;
  const byTenant = new Map<string, CheckedMessage[]>();
  let waiting = 0;
  const flush = async (): Promise<void> => {
    await Promise.all([...byTenant].map(([owner, messages]) => accepter.accept(messages, owner)));
    tally.accepted += waiting;
    byTenant.clear();
    waiting = 0;
    progress.at(Math.round((tally.bytes / Math.max(total, 1)) * 100), 100);
  };
  let number = 0;
  for await (const line of createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY })) {
    number += 1;
    tally.bytes += Buffer.byteLength(line) + 1;
    if (line.trim() === "") continue;
    const { errors, message } = checkMessage(parseLine(line), limits);
    if (!message) {
      tally.refused += 1;
      if (tally.refused <= shownProblems) {
        process.stderr.write(
          `${pc.red("✗")} line ${number}: ${errors.map(({ field, problem, fix }) => `${field} ${problem} (${fix})`).join("; ")}\n`,
        );
      }
      continue;
    }
    const owner = message.tenant ?? tenant;
    byTenant.set(owner, [...(byTenant.get(owner) ?? []), message]);
    waiting += 1;
    if (waiting >= batchSize) await flush();
  }
  await flush();
  progress.end();
};

export const addImportCommand = (program: Command): void => {
  program
    .command("import <file>")
    .description("send each line of an NDJSON file; a line is what POST /v1/messages takes")
    .option("--tenant <tenant>", "whose messages they are where a line does not say", "local")
    .action((file: string, { tenant }: { tenant: string }, command: Command) =>
      withSession(command, async ({ config, stores, assembly }) => {
        await stores.log.ensureTopics(assembly.topics);
        const tally: Tally = { accepted: 0, refused: 0, bytes: 0 };
        const begin = Date.now();
        await importFile(file, tenant, createAccepter(assembly, config, stores.log, systemClock), config.limits, tally);
        const seconds = (Date.now() - begin) / 1_000;
        say(`${tally.accepted} accepted in ${seconds.toFixed(1)} s, ${tally.refused} refused`);
        if (tally.refused > 0) process.exitCode = 1;
      }),
    );
};
