import type { Command } from "commander";
import type { OwnWebhookView, SetWebhook } from "../../operations/tenants/own-webhook-desk.js";
import { counted } from "../../schemas/counted.js";
import { withDeployment } from "../deployment/open-deployment.js";
import type { OwnWebhookAdministration } from "../deployment/own-webhook-administration.js";
import { say, sayAside, sayJson, table } from "../print.js";

interface Json {
  readonly json?: boolean;
}

const jsonOption = ["--json", "print JSON"] as const;

const run = (command: Command, work: (tenants: OwnWebhookAdministration) => Promise<void>): Promise<void> =>
  withDeployment(command, ({ tenants }) => work(tenants));

const statusOf = ({ state }: OwnWebhookView): string => {
  if (!state) return "healthy";
  const { disabledAt, failingSince, lastFailure } = state;
  return `${disabledAt === undefined ? "failing" : "disabled"} since ${new Date(disabledAt ?? failingSince).toISOString()}: ${lastFailure}`;
};

const sayWebhook = (view: OwnWebhookView): void => {
  const setBy = view.configured ? "configuration" : "tenant";
  const row = [view.host, setBy, view.kinds.join(", "), String(view.secrets), statusOf(view)];
  say(table([["host", "set by", "events", "secrets", "status"], row]));
};

/** The secret alone on standard output, so that a script can store it. */
const saySecret = (set: SetWebhook, json: boolean | undefined): void => {
  if (json) sayJson(set);
  else if (set.secret === null) sayAside(`webhook at ${set.host} set; its former secrets stay`);
  else {
    sayAside(`webhook at ${set.host}, with ${counted(set.secrets, "secret")}; the new one is shown only now:`);
    say(set.secret);
  }
};

/** Commands that show and change the webhook of a tenant's own. */
export const addTenantWebhook = (parent: Command): void => {
  parent
    .command("webhook <tenant>")
    .description("show the webhook of a tenant, without its secrets")
    .option(...jsonOption)
    .action((tenant: string, { json }: Json, command: Command) =>
      run(command, async (tenants) => {
        const view = await tenants.webhook(tenant);
        json ? sayJson(view) : sayWebhook(view);
      }),
    );
  parent
    .command("set-webhook <tenant> <url>")
    .description("create or change the webhook of a tenant's own, and print a new signing secret once")
    .option("--kinds <kinds>", "kinds of events, separated by commas: final, engagement; default: all")
    .option(...jsonOption)
    .action((tenant: string, url: string, { kinds, json }: Json & { readonly kinds?: string }, command: Command) =>
      run(command, async (tenants) => {
        const names = kinds?.split(",").map((kind) => kind.trim());
        saySecret(await tenants.setWebhook(tenant, { url, ...(names ? { kinds: names } : {}) }), json);
      }),
    );
  parent
    .command("rotate-webhook <tenant>")
    .description("add a signing secret, and print it once; the former one signs, too, until the next rotation")
    .option(...jsonOption)
    .action((tenant: string, { json }: Json, command: Command) =>
      run(command, async (tenants) => saySecret(await tenants.rotateWebhook(tenant), json)),
    );
  parent
    .command("remove-webhook <tenant>")
    .description("remove the webhook of a tenant's own; queued events for it are not sent")
    .option(...jsonOption)
    .action((tenant: string, { json }: Json, command: Command) =>
      run(command, async (tenants) => {
        await tenants.removeWebhook(tenant);
        json ? sayJson({ tenant }) : say(`webhook of ${tenant} removed`);
      }),
    );
};
