import { readFileSync } from "node:fs";
import { type Command, InvalidArgumentError, Option } from "commander";
import { tokenAlgs } from "../../access/public-key.js";
import type { TokenKeyView } from "../../operations/tenants/token-key-desk.js";
import { messageOf } from "../../schemas/errors.js";
import { withDeployment } from "../deployment/open-deployment.js";
import { say, sayJson, table } from "../print.js";

interface Json {
  readonly json?: boolean;
}

interface AddOptions extends Json {
  readonly alg: string;
  readonly kid?: string;
  readonly publicKey?: string;
  readonly jwksUrl?: string;
}

const fileText = (path: string): string => {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new InvalidArgumentError(messageOf(error));
  }
};

const sayKeys = (keys: readonly TokenKeyView[]): void => {
  const rows = keys.map(({ kid, alg, jwksUrl, createdAt }) => [kid, alg, jwksUrl ?? "public key", createdAt]);
  say(keys.length === 0 ? "the tenant has no token keys" : table([["kid", "alg", "key", "created"], ...rows]));
};

/** The keys that sign tokens of a tenant's users. */
export const addTokenKeys = (parent: Command): void => {
  parent
    .command("token-keys <tenant>")
    .description("list the keys that sign tokens of a tenant's users, newest first")
    .option("--json", "print JSON")
    .action((id: string, { json }: Json, command: Command) =>
      withDeployment(command, async ({ tenants }) => {
        const keys = await tenants.tokenKeys(id);
        json ? sayJson(keys) : sayKeys(keys);
      }),
    );
  parent
    .command("add-token-key <tenant>")
    .description("register a key that signs tokens of a tenant's users")
    .addOption(new Option("--alg <algorithm>", "the only algorithm of its tokens").choices(tokenAlgs).makeOptionMandatory())
    .option("--kid <kid>", "by which tokens name the key; default: a random one")
    .option("--public-key <file>", "the public key, in PEM", fileText)
    .option("--jwks-url <url>", "the JSON Web Key Set that has the key, instead of --public-key")
    .option("--json", "print JSON")
    .action((id: string, { json, ...input }: AddOptions, command: Command) =>
      withDeployment(command, async ({ tenants }) => {
        const key = await tenants.addTokenKey(id, input);
        json ? sayJson(key) : say(`token key ${key.kid} registered`);
      }),
    );
  parent
    .command("remove-token-key <tenant> <kid>")
    .description("remove a token key; all processes refuse its tokens within 5 seconds")
    .option("--json", "print JSON")
    .action((id: string, kid: string, { json }: Json, command: Command) =>
      withDeployment(command, async ({ tenants }) => {
        await tenants.removeTokenKey(id, kid);
        json ? sayJson({ kid }) : say(`token key ${kid} removed`);
      }),
    );
};
