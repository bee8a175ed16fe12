import { Command, Option } from "commander";
import pc from "picocolors";
import { wholeAbove0 } from "../../cli/arguments.js";
import { type KafkaClientName, kafkaClients } from "../../stores/event-log/event-log.js";
import { kafka } from "../servers/kafka.js";
import { mongo } from "../servers/mongo.js";
import { provision } from "../servers/provision.js";
import { redis } from "../servers/redis.js";
import { registry } from "../servers/registry.js";
import { buildOf, defaultOld, plantedBuild, thisBuild } from "./builds.js";
import { runRollingUpgrade, type UpgradeOptions, type UpgradeResult } from "./rolling-upgrade.js";
import { runStoreUpgrade } from "./store-upgrade.js";

interface Options {
  readonly old: string;
  readonly planted?: boolean;
  readonly profile?: "embedded" | "cluster";
  readonly client?: KafkaClientName;
  readonly messages: number;
  readonly rate: number;
}

interface Named {
  readonly what: string;
  readonly result: UpgradeResult;
}

const mostPrinted = 20;

/** A run that sent fewer messages than planned proves nothing. */
const unsent = ({ accepted }: UpgradeResult, messages: number): readonly string[] =>
  accepted >= messages ? [] : [`only ${accepted} of ${messages} messages were accepted`];

const print = (what: string, { accepted, delivered, twice, handedBack, seconds, problems }: UpgradeResult): void => {
  const back = [...handedBack].map(([build, count]) => `${count} handed back by ${build}`);
  const counts = [`${accepted} accepted`, `${delivered} delivered`, `${twice} sent twice`, ...back].join(", ");
  console.log(`${problems.length === 0 ? pc.green("✓") : pc.red("✗")} ${pc.bold(what)} (${seconds} s): ${counts}`);
  for (const problem of problems.slice(0, mostPrinted)) console.log(`  ${pc.red(problem)}`);
  if (problems.length > mostPrinted) console.log(`  and ${problems.length - mostPrinted} more`);
};

const onServers = async (
  options: Omit<UpgradeOptions, "address" | "client">,
  clients: readonly KafkaClientName[],
): Promise<readonly Named[]> => {
  const servers = await provision([kafka, redis, mongo, registry]);
  const address: UpgradeOptions["address"] = (server) => servers.addresses[`CARILLON_TEST_${server}`] ?? "";
  const results: Named[] = [];
  try {
    for (const client of clients)
      results.push({ what: `workers by ${client}`, result: await runRollingUpgrade({ ...options, client, address }) });
    return results;
  } finally {
    await servers.stop();
  }
};

const run = async ({ old, planted = false, profile, client, messages, rate }: Options): Promise<void> => {
  const begin = Date.now();
  const say = (text: string): void => void process.stderr.write(`${((Date.now() - begin) / 1_000).toFixed(0).padStart(5)} s  ${text}\n`);
  const [from, to] = [await buildOf(old), planted ? await plantedBuild() : thisBuild()];
  say(`${from.name} and ${to.name} are built`);
  const options = { from, to, planted, messages, lanes: ["normal", "critical"] as const, perSecond: rate, say };
  const results: Named[] = [];
  if (profile !== "cluster") results.push({ what: "one embedded store", result: await runStoreUpgrade(options) });
  if (profile !== "embedded") results.push(...(await onServers(options, client ? [client] : kafkaClients)));
  const judged = results.map(({ what, result }) => ({
    what,
    result: { ...result, problems: [...unsent(result, messages), ...result.problems] },
  }));
  for (const { what, result } of judged) print(`${what}, from ${from.name} to ${to.name}`, result);
  process.exitCode = judged.every(({ result }) => result.problems.length === 0) ? 0 : 1;
};

await new Command("mixed")
  .description(
    "Upgrades workers on real servers, and an embedded store, from an earlier build to this one while messages flow, and judges each message",
  )
  .option("--old <commit>", "the build to upgrade from", defaultOld)
  .option("--planted", "give the later build a channel and a stage that the earlier one does not know")
  .addOption(new Option("--profile <name>", "one profile alone").choices(["embedded", "cluster"]))
  .addOption(new Option("--client <name>", "one Kafka client alone").choices(kafkaClients))
  .option("--messages <count>", "how many messages to send", wholeAbove0(), 3_000)
  .option("--rate <count>", "how many a second", wholeAbove0(), 100)
  .action(run)
  .parseAsync();
