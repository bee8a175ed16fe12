import { z } from "zod";
import type { GroupView, MemberView, UserView } from "../../directory/views.js";
import type { List } from "../../http/contract/list.js";
import type { DirectoryAdministration, Imported, JoinChange, ListUpload, OnProgress } from "../deployment/deployment.js";
import type { Connection } from "./connection.js";

const idShape = z.looseObject({ id: z.string() });
const listShape = (item: z.ZodType) => z.looseObject({ items: z.array(item), cursor: z.string().nullable() });
const memberShape = z.looseObject({ user: z.string(), channels: z.array(z.string()) });
const changeShape = z.looseObject({ members: z.number(), changed: z.boolean() });
const fieldShape = z.looseObject({ field: z.string(), problem: z.string(), fix: z.string() });
const importedShape = z.looseObject({
  imported: z.number(),
  failed: z.array(z.looseObject({ line: z.number(), errors: z.array(fieldShape) })),
  failedCount: z.number(),
});

const types = { ndjson: "application/x-ndjson", csv: "text/csv" } as const;

const pathOf = (...parts: readonly string[]): string => ["/v1", ...parts.map(encodeURIComponent)].join("/");

/** Users and groups of a server. */
export const remoteDirectory = (connection: Connection): DirectoryAdministration => {
  const upload = (path: string, tenant: string | undefined, { format, chunks, refuse }: ListUpload, onProgress: OnProgress) => {
    const query = { tenant, ...(refuse ? { onError: "refuse" } : {}) };
    return connection.work<Imported>({ method: "POST", path, query, list: { type: types[format], chunks } }, importedShape, onProgress);
  };
  const listOf = <Item>(path: string, tenant: string | undefined, page: { limit: number; cursor?: string | undefined }, item: z.ZodType) =>
    connection.ask<List<Item>>({ path, query: { tenant, limit: String(page.limit), cursor: page.cursor } }, listShape(item));
  return {
    users: (tenant, page) => listOf<UserView>(pathOf("users"), tenant, page, idShape),
    user: (tenant, id) => connection.ask({ path: pathOf("users", id), query: { tenant } }, idShape),
    putUser: (tenant, id, body) => connection.ask({ method: "PUT", path: pathOf("users", id), query: { tenant }, body }, idShape),
    deleteUser: (tenant, id) => connection.done({ method: "DELETE", path: pathOf("users", id), query: { tenant } }),
    importUsers: (tenant, list, onProgress) => upload(pathOf("users", "import"), tenant, list, onProgress),
    exportUsers: (tenant, format, after) =>
      connection.bytes({ path: pathOf("exports", "users"), query: { tenant, format, after } }, types[format]),
    groups: (tenant, page) => listOf<GroupView>(pathOf("groups"), tenant, page, idShape),
    group: (tenant, id) => connection.ask({ path: pathOf("groups", id), query: { tenant } }, idShape),
    putGroup: (tenant, id, body) => connection.ask({ method: "PUT", path: pathOf("groups", id), query: { tenant }, body }, idShape),
    deleteGroup: (tenant, id) => connection.done({ method: "DELETE", path: pathOf("groups", id), query: { tenant } }),
    members: (tenant, group, page) => listOf<MemberView>(pathOf("groups", group, "members"), tenant, page, memberShape),
    join: (tenant, group, body) =>
      connection.ask<JoinChange>({ method: "POST", path: pathOf("groups", group, "members"), query: { tenant }, body }, changeShape),
    leave: (tenant, group, user) =>
      connection.ask<JoinChange>({ method: "DELETE", path: pathOf("groups", group, "members", user), query: { tenant } }, changeShape),
    importMembers: (tenant, group, list, onProgress) => upload(pathOf("groups", group, "members"), tenant, list, onProgress),
  };
};
