import { createWriteStream } from "node:fs";
import { pipeline, Readable } from "node:stream";
import { type Command, Option } from "commander";
import type { UserView } from "../../directory/views.js";
import { CarillonError, messageOf } from "../../schemas/errors.js";
import { parseJson } from "../../wire/parse-json.js";
import { tenantName } from "../arguments.js";
import type { ListFormat } from "../deployment/deployment.js";
import { type DirectoryOptions, directoryOptions, onDirectory, type PageOptions, pageOptions, sayCursor } from "../directory-command.js";
import { openImportFile } from "../import-file.js";
import { importListOf } from "../list-import.js";
import { say, sayJson, table } from "../print.js";

const addressesOf = ({ addresses }: UserView): string =>
  Object.entries(addresses)
    .flatMap(([channel, given]) => [given ?? []].flat().map((one) => `${channel}:${typeof one === "string" ? one : one.address}`))
    .join(" ");

const sayUsers = (users: readonly UserView[]): void =>
  say(
    table([
      ["user", "addresses", "locale", "time zone", "changed"],
      ...users.map((user) => [user.id, addressesOf(user), user.locale ?? "–", user.timeZone ?? "–", user.changedAt]),
    ]),
  );

const addReading = (parent: Command): void => {
  pageOptions(parent.command("list").description("list the users by id, page by page")).action(
    ({ tenant, json, ...page }: PageOptions, command: Command) =>
      onDirectory(command, async (directory) => {
        const found = await directory.users(tenant, page);
        if (json) return sayJson(found);
        sayUsers(found.items);
        sayCursor(found.cursor);
      }),
  );
  directoryOptions(parent.command("show <user>").description("show a user")).action(
    (id: string, { tenant, json }: DirectoryOptions, command: Command) =>
      onDirectory(command, async (directory) => {
        const user = await directory.user(tenant, id);
        json ? sayJson(user) : sayUsers([user]);
      }),
  );
};

interface PutOptions extends DirectoryOptions {
  readonly email?: string;
  readonly sms?: string;
  readonly locale?: string;
  readonly timeZone?: string;
  readonly from?: string;
}

const mostUserBytes = 1_048_576;

const jsonFrom = async (path: string): Promise<object> => {
  const { name, chunks } = await openImportFile(path);
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.length;
    if (bytes > mostUserBytes)
      throw new CarillonError("INPUT_INVALID", `${name} is larger than a user`, { fix: "see carillon users import" });
    parts.push(chunk);
  }
  const read = parseJson(Buffer.concat(parts).toString());
  if (typeof read === "object" && read !== null) return read;
  throw new CarillonError("INPUT_INVALID", `${name} is not a JSON object`, { fix: "give the body of PUT /v1/users/<id>" });
};

const inputOf = async ({ from, email, sms, locale, timeZone }: PutOptions): Promise<object> => {
  const given = Object.fromEntries(Object.entries({ email, sms }).filter(([, value]) => value !== undefined));
  return {
    ...(from === undefined ? {} : await jsonFrom(from)),
    ...(Object.keys(given).length === 0 ? {} : { addresses: given }),
    ...(locale === undefined ? {} : { locale }),
    ...(timeZone === undefined ? {} : { timeZone }),
  };
};

const addWriting = (parent: Command): void => {
  directoryOptions(parent.command("put <user>").description("create a user, or replace it: what is left out is removed"))
    .option("--email <address>", "email address")
    .option("--sms <number>", "phone number in E.164")
    .option("--locale <tag>", "BCP 47 tag, such as en-US")
    .option("--time-zone <name>", "IANA name, such as Europe/Rome")
    .option("--from <file>", "JSON with further fields, as in PUT /v1/users/<id>; -: standard input")
    .action((id: string, options: PutOptions, command: Command) =>
      onDirectory(command, async (directory) => {
        const user = await directory.putUser(options.tenant, id, await inputOf(options));
        options.json ? sayJson(user) : sayUsers([user]);
      }),
    );
  directoryOptions(parent.command("delete <user>").description("delete a user with its addresses and memberships")).action(
    (id: string, { tenant, json }: DirectoryOptions, command: Command) =>
      onDirectory(command, async (directory) => {
        await directory.deleteUser(tenant, id);
        json ? sayJson({ id }) : say(`user ${id} deleted`);
      }),
  );
};

interface ExportOptions {
  readonly tenant?: string;
  readonly format: ListFormat;
  readonly out: string;
  readonly after?: string;
}

const toFile = (out: string, bytes: AsyncIterable<Uint8Array>): Promise<void> =>
  new Promise((resolve, reject) => {
    pipeline(Readable.from(bytes), createWriteStream(out, { mode: 0o600 }), (error) => (error ? reject(error) : resolve()));
  });

const exportTo = async (out: string, bytes: AsyncIterable<Uint8Array>): Promise<void> => {
  if (out !== "-") return toFile(out, bytes);
  for await (const chunk of bytes) {
    if (!process.stdout.write(chunk)) await new Promise((resolve) => void process.stdout.once("drain", resolve));
  }
};

const addTransfers = (parent: Command): void => {
  directoryOptions(
    parent.command("import <file>").description("create or replace the users of a list: NDJSON or CSV, or - for standard input"),
  )
    .option("--refuse", "store nothing if a line is invalid")
    .action((file: string, { tenant, ...options }: DirectoryOptions & { readonly refuse?: boolean }, command: Command) =>
      onDirectory(command, (directory) =>
        importListOf(file, options, (upload, onProgress) => directory.importUsers(tenant, upload, onProgress)),
      ),
    );
  parent
    .command("export")
    .description("export all users, as imports read them")
    .option("--tenant <tenant>", "the tenant; default: that of the key", tenantName)
    .addOption(new Option("--format <format>", "format of the list").choices(["ndjson", "csv"]).default("ndjson"))
    .option("--out <file>", "file to write, replaced if it exists; -: standard output", "-")
    .option("--after <user>", "continue an export that broke off, after this user")
    .action(({ tenant, format, out, after }: ExportOptions, command: Command) =>
      onDirectory(command, async (directory) => {
        try {
          await exportTo(out, directory.exportUsers(tenant, format, after));
        } catch (error) {
          if (error instanceof CarillonError) throw error;
          throw new CarillonError("INPUT_INVALID", `${out} cannot be written: ${messageOf(error)}`, { field: "--out", cause: error });
        }
      }),
    );
};

export const addUsersCommand = (program: Command): void => {
  const parent = program.command("users").description("manage the users of a tenant");
  addReading(parent);
  addWriting(parent);
  addTransfers(parent);
};
