import type { Command } from "commander";
import { readRecord } from "../../engine/runtime/read-record.js";
import { CarillonError } from "../../schemas/errors.js";
import { enableWebhook, readWebhookState } from "../../sinks/webhooks/webhooks.js";
import { namesOf } from "../../topology/names.js";
import { instant } from "../arguments.js";
import { paint } from "../palette.js";
import { createProgress, say, table } from "../print.js";
import { type Session, withSession } from "../session.js";

const most = 1_000_000;
const bite = 500;

const addList = (parent: Command): void => {
  parent
    .command("list")
    .description("list the webhooks and their status")
    .action((_options: object, command: Command) =>
      withSession(command, async ({ config, stores }) => {
        const tenants = Object.entries(config.webhooks.tenants);
        if (tenants.length === 0) return say("no webhooks are configured: see webhooks.tenants in the configuration");
        const rows = await Promise.all(
          tenants.map(async ([tenant, { url, kinds }]) => {
            const state = await readWebhookState(stores.cells, tenant);
            const since = state && new Date(state.disabledAt ?? state.failingSince).toISOString();
            const how = state?.disabledAt
              ? paint.red(`disabled since ${since}`)
              : state
                ? paint.yellow(`failing since ${since}`)
                : paint.green("healthy");
            return [tenant, new URL(url).host, kinds.join(", "), state ? `${how}: ${state.lastFailure}` : how];
          }),
        );
        say(table([["tenant", "host", "events", "status"], ...rows]));
      }),
    );
};

/** Sends a tenant's webhook all feedback since then again. */
const replay = async ({ config, stores, assembly }: Session, tenant: string, sinceMs: number): Promise<number> => {
  const { topicOf } = namesOf(config);
  const { families, codecs, writers } = assembly;
  const webhooks = writers("webhook replay").to(families.webhooks);
  await stores.log.ensureTopics(assembly.topics);
  const { tenants } = config.webhooks;
  const kinds = (Object.hasOwn(tenants, tenant) ? tenants[tenant]?.kinds : undefined) ?? [];
  const codec = codecs.of(families.feedback);
  const records = await stores.log.scan(topicOf(families.feedback.name), most, sinceMs);
  const all = (await Promise.all(records.map((record) => readRecord(record, codec))))
    // a record that is not feedback was never announced: it is in dead letters
    .flatMap((read) => (read.error ? [] : [read.value]));
  const own = all.filter((feedback) => feedback.tenant === tenant && feedback.at >= sinceMs && kinds.includes(feedback.kind));
  const progress = createProgress("replayed");
  for (let from = 0; from < own.length; from += bite) {
    const deliveries = own.slice(from, from + bite).map((feedback) => ({ feedback, attempt: 1, firstAt: Date.now() }));
    await webhooks.append(deliveries);
    progress.at(Math.min(from + bite, own.length), own.length);
  }
  progress.end();
  return own.length;
};

const addEnable = (parent: Command): void => {
  parent
    .command("enable <tenant>")
    .description("re-enable a webhook, and replay the events that it missed")
    .option("--replay-from <time>", "replay all events since this time, ISO 8601", instant)
    .action((tenant: string, { replayFrom }: { replayFrom?: number }, command: Command) =>
      withSession(command, async (session) => {
        if (!Object.hasOwn(session.config.webhooks.tenants, tenant)) {
          throw new CarillonError("NOT_FOUND", `the tenant ${tenant} has no webhook`, { fix: "add it under webhooks.tenants" });
        }
        await enableWebhook(session.stores.cells, tenant);
        say(`webhook of ${tenant} enabled`);
        if (replayFrom !== undefined) say(`${await replay(session, tenant, replayFrom)} events replayed`);
      }),
    );
};

export const addWebhooksCommand = (program: Command): void => {
  const parent = program.command("webhooks").description("list and re-enable the tenants' webhooks");
  addList(parent);
  addEnable(parent);
};
