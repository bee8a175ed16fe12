import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { checkGroup, checkMember } from "../../directory/group-input.js";
import { getGroup, leaveGroup, putGroup, removeGroup } from "../../directory/groups.js";
import { importUsers } from "../../directory/import-users.js";
import { listMembers } from "../../directory/list-pages.js";
import { forgetUsers, importMembers, joinGroup } from "../../directory/memberships.js";
import { embeddedStores, lines, options, uploadOf } from "./uploads.js";

const tenant = "acme";
const key = { tenant, group: "news" };
const notFound = expect.objectContaining({ code: "NOT_FOUND" });

describe("memberships", () => {
  let stores: ReturnType<typeof embeddedStores>;
  const members = async () => (await listMembers(stores.subscriptions, key, { limit: 9_000 }, 0))?.items.map(({ user }) => user).sort();
  const importing = (content: string, format: "ndjson" | "csv" = "ndjson", onError: "skip" | "refuse" = "skip") =>
    importMembers(stores, { ...key, format, chunks: uploadOf(content, { pieceBytes: 4_000 }) }, { ...options, onError });
  beforeEach(async () => {
    stores = embeddedStores();
    const users = Array.from({ length: 3_000 }, (_, index) => ({ id: `user-${index}` }));
    const chunks = uploadOf(lines(...users), { pieceBytes: 60_000 });
    await importUsers(stores.directory, { tenant, format: "ndjson", chunks }, options);
    await putGroup(stores.subscriptions, key, { name: "News" });
  });
  afterEach(() => stores.close());

  it("puts, gets and removes a group", async () => {
    await putGroup(stores.subscriptions, key, { attributes: { kind: "weekly" } });
    expect(await getGroup(stores.subscriptions, key)).toMatchObject({ name: null, attributes: { kind: "weekly" }, members: 0 });
    await removeGroup(stores.subscriptions, key);
    await expect(getGroup(stores.subscriptions, key)).rejects.toThrow(notFound);
    await expect(removeGroup(stores.subscriptions, key)).rejects.toThrow(notFound);
  });

  it("joins and leaves one user, and refuses unknown users and groups", async () => {
    expect(await joinGroup(stores, key, { user: "user-1", channels: ["email"] })).toMatchObject({ members: 1, changed: [true] });
    expect(await leaveGroup(stores.subscriptions, key, "user-1")).toMatchObject({ members: 0, changed: [true] });
    expect(await leaveGroup(stores.subscriptions, key, "nobody")).toMatchObject({ members: 0, changed: [false] });
    await expect(joinGroup(stores, key, { user: "nobody" })).rejects.toThrow(notFound);
    for (const other of [
      { tenant, group: "none" },
      { tenant: "other", group: "news" },
    ]) {
      await expect(joinGroup(stores, other, { user: "user-1" })).rejects.toThrow(notFound);
      await expect(leaveGroup(stores.subscriptions, other, "user-1")).rejects.toThrow(notFound);
    }
  });

  it("joins a list as NDJSON, and reports users that do not exist by line", async () => {
    const list = Array.from({ length: 2_500 }, (_, index) => ({ user: `user-${index}`, channels: ["push"] }));
    const report = await importing(lines({ user: "nobody" }, ...list, { user: "user-1", channels: ["fax"] }));
    expect(report).toMatchObject({ state: "complete", imported: 2_500, failedCount: 2, upToLine: 2_502 });
    expect(report.failed.map(({ line, errors }) => [line, errors[0]?.field])).toEqual([
      [1, "user"],
      [2_502, "channels.0"],
    ]);
    expect(await members()).toHaveLength(2_500);
  });

  it("joins no user of a list with an unknown one if asked to refuse it", async () => {
    const list = Array.from({ length: 1_500 }, (_, index) => ({ user: `user-${index}` }));
    expect(await importing(lines(...list, { user: "nobody" }), "ndjson", "refuse")).toMatchObject({ state: "refused", imported: 0 });
    expect(await members()).toEqual([]);
    expect(await importing(lines(...list), "ndjson", "refuse")).toMatchObject({ state: "complete", imported: 1_500 });
  });

  it("joins a list as CSV, and refuses other columns", async () => {
    expect(await importing("user,channels\nuser-1,email push\nuser-2,\n", "csv")).toMatchObject({ imported: 2, failedCount: 0 });
    const page = await listMembers(stores.subscriptions, key, { limit: 9 }, 0);
    expect(page?.items.map(({ user, channels }) => [user, channels]).sort()).toEqual([
      ["user-1", ["email", "push"]],
      ["user-2", []],
    ]);
    expect((await importing("name\nann\n", "csv")).error?.message).toMatch(/column "name", which members do not have/);
  });

  it("rejects a list for an unknown group before it reads it", async () => {
    const chunks = uploadOf(lines({ user: "user-1" }));
    await expect(importMembers(stores, { tenant, group: "none", format: "ndjson", chunks }, options)).rejects.toThrow(notFound);
  });

  it("keeps no membership of a user who is forgotten while joining", async () => {
    const { subscriptions } = stores;
    const racing = {
      ...stores,
      subscriptions: {
        ...subscriptions,
        join: async (...args: Parameters<typeof subscriptions.join>) => {
          await forgetUsers(stores, tenant, ["user-1"]);
          return subscriptions.join(...args);
        },
      },
    };
    await joinGroup(racing, key, { user: "user-1" });
    expect([await members(), (await getGroup(subscriptions, key)).members]).toEqual([[], 0]);
  });

  it("forgets a user with all memberships", async () => {
    await joinGroup(stores, key, { user: "user-1" });
    expect(await forgetUsers(stores, tenant, ["user-1", "nobody"])).toEqual([true, false]);
    expect(await members()).toEqual([]);
  });

  it("checks groups and members with the field and the fix", () => {
    expect(checkGroup({ name: "a\nb", size: 1 })).toMatchObject({ errors: [{ field: "name" }, { field: "size" }] });
    expect(checkMember({ channels: "email" })).toMatchObject({ errors: [{ field: "user" }, { field: "channels" }] });
    expect(checkMember({ user: "ann" })).toEqual({ value: { user: "ann" } });
  });
});
