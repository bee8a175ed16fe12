import type { Command } from "commander";
import type { GroupView, MemberView } from "../../directory/views.js";
import { counted } from "../../schemas/counted.js";
import type { JoinChange } from "../deployment/deployment.js";
import { type DirectoryOptions, directoryOptions, onDirectory, type PageOptions, pageOptions, sayCursor } from "../directory-command.js";
import { importListOf } from "../list-import.js";
import { say, sayJson, table } from "../print.js";

const sayGroups = (groups: readonly GroupView[]): void =>
  say(
    table([
      ["group", "name", "members", "changed"],
      ...groups.map(({ id, name, members, changedAt }) => [id, name ?? "–", String(members), changedAt]),
    ]),
  );

const sayMembers = (members: readonly MemberView[]): void =>
  say(table([["user", "channels"], ...members.map(({ user, channels }) => [user, channels.length === 0 ? "all" : channels.join(", ")])]));

const addGroups = (parent: Command): void => {
  pageOptions(parent.command("list").description("list the groups by id, page by page")).action(
    ({ tenant, json, ...page }: PageOptions, command: Command) =>
      onDirectory(command, async (directory) => {
        const found = await directory.groups(tenant, page);
        if (json) return sayJson(found);
        sayGroups(found.items);
        sayCursor(found.cursor);
      }),
  );
  directoryOptions(parent.command("show <group>").description("show a group with its number of members")).action(
    (id: string, { tenant, json }: DirectoryOptions, command: Command) =>
      onDirectory(command, async (directory) => {
        const group = await directory.group(tenant, id);
        json ? sayJson(group) : sayGroups([group]);
      }),
  );
  directoryOptions(parent.command("put <group>").description("create a group, or replace its name; members stay"))
    .option("--name <name>", "its name in the console")
    .action((id: string, { tenant, json, name }: DirectoryOptions & { readonly name?: string }, command: Command) =>
      onDirectory(command, async (directory) => {
        const group = await directory.putGroup(tenant, id, name === undefined ? {} : { name });
        json ? sayJson(group) : sayGroups([group]);
      }),
    );
  directoryOptions(parent.command("delete <group>").description("delete a group with its memberships; users stay")).action(
    (id: string, { tenant, json }: DirectoryOptions, command: Command) =>
      onDirectory(command, async (directory) => {
        await directory.deleteGroup(tenant, id);
        json ? sayJson({ id }) : say(`group ${id} deleted`);
      }),
  );
};

const sayChange = (what: string, { members, changed }: JoinChange): void =>
  say(`${changed ? what : "nothing changed"}: ${counted(members, "member")}`);

const addMembers = (parent: Command): void => {
  pageOptions(parent.command("members <group>").description("list the members of a group, page by page")).action(
    (group: string, { tenant, json, ...page }: PageOptions, command: Command) =>
      onDirectory(command, async (directory) => {
        const found = await directory.members(tenant, group, page);
        if (json) return sayJson(found);
        sayMembers(found.items);
        sayCursor(found.cursor);
      }),
  );
  directoryOptions(parent.command("join <group> <user>").description("add a user to a group, or change its channels"))
    .option("--channels <channels>", "channels of the subscription, separated by commas; default: all")
    .action(
      (group: string, user: string, { tenant, json, channels }: DirectoryOptions & { readonly channels?: string }, command: Command) =>
        onDirectory(command, async (directory) => {
          const listed = channels?.split(",").map((channel) => channel.trim());
          const change = await directory.join(tenant, group, { user, ...(listed === undefined ? {} : { channels: listed }) });
          json ? sayJson(change) : sayChange(`${user} joined`, change);
        }),
    );
  directoryOptions(parent.command("leave <group> <user>").description("remove a user from a group")).action(
    (group: string, user: string, { tenant, json }: DirectoryOptions, command: Command) =>
      onDirectory(command, async (directory) => {
        const change = await directory.leave(tenant, group, user);
        json ? sayJson(change) : sayChange(`${user} left`, change);
      }),
  );
  directoryOptions(parent.command("import <group> <file>").description("add the users of a list: NDJSON or CSV, or - for standard input"))
    .option("--refuse", "store nothing if a line is invalid")
    .action((group: string, file: string, { tenant, ...options }: DirectoryOptions & { readonly refuse?: boolean }, command: Command) =>
      onDirectory(command, (directory) =>
        importListOf(file, options, (upload, onProgress) => directory.importMembers(tenant, group, upload, onProgress)),
      ),
    );
};

export const addGroupsCommand = (program: Command): void => {
  const parent = program.command("groups").description("manage the groups of a tenant and their members");
  addGroups(parent);
  addMembers(parent);
};
