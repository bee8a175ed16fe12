import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { stringify } from "yaml";
import { scratchFolder } from "../support/scratch.js";
import type { Build } from "./builds.js";
import { createCrew, type Member } from "./crew.js";
import { planted } from "./planted.js";
import type { UpgradeResult } from "./rolling-upgrade.js";
import { createTraffic } from "./traffic.js";
import { deadLettersOf, judge } from "./verdict.js";

export interface StoreUpgradeOptions {
  readonly from: Build;
  readonly to: Build;
  /** Whether the later build has an additional channel and stage. */
  readonly planted: boolean;
  readonly messages: number;
  readonly perSecond: number;
  readonly say: (text: string) => void;
}

const settleMs = 60_000;
/** How long the earlier build runs on the later one's records after a downgrade. */
const downgradedMs = 4_000;
const usual = ["email", "sms", "push"] as const;

const configOf = (dataDir: string) => {
  const retry = { baseMs: 1_000, jitter: 0.2 };
  return {
    profile: "embedded",
    dataDir,
    http: { port: 0 },
    channels: { email: { retry }, sms: { retry }, push: { retry } },
    // so that some accepted messages are always in flight when the process ends
    providers: { sandbox: { receiptDelayMs: 500 } },
    timers: { leaseMs: 3_000 },
  };
};

/** One store, opened by the earlier build, the later one, the earlier one again, and the later one. Each is killed while working. */
export const runStoreUpgrade = async ({ from, to, messages, perSecond, say, ...options }: StoreUpgradeOptions): Promise<UpgradeResult> => {
  const begin = Date.now();
  const folder = scratchFolder();
  const configFile = join(folder.path, "carillon.yaml");
  writeFileSync(configFile, stringify(configOf(join(folder.path, "data"))));
  const crew = createCrew(configFile, say);
  let member: Member | undefined;
  const url = (): string => member?.worker.url() ?? "";
  const traffic = createTraffic(url);
  const problems: string[] = [];
  const open = async (build: Build): Promise<void> => {
    if (member) await crew.end(member);
    member = await crew.join(build);
    problems.push(...(await deadLettersOf(url())));
  };
  const send = (channels: readonly string[]): Promise<void> => traffic.send(Math.round(messages / 3), perSecond, () => channels);
  try {
    await open(from);
    await send(usual);
    await open(to);
    await send(options.planted ? [...usual, planted.channel] : usual);
    await open(from);
    await send(usual);
    await sleep(downgradedMs);
    problems.push(...(await deadLettersOf(url())));
    await open(to);
    const verdict = await judge(url, traffic.sent, settleMs, say);
    const handedBack = await crew.handedBack();
    problems.push(...verdict.problems, ...(await deadLettersOf(url())), ...crew.falls);
    if (options.planted && (handedBack.get(from.name) ?? 0) === 0) problems.push("no record was handed back");
    const { delivered, twice } = verdict;
    return { accepted: traffic.sent.length, delivered, twice, handedBack, seconds: Math.round((Date.now() - begin) / 1_000), problems };
  } finally {
    await crew.stop();
    folder.remove();
  }
};
