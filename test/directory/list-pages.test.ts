import { beforeEach, describe, expect, it } from "vitest";
import {
  listGroups,
  listGroupsOf,
  listMembers,
  listUsers,
  mostCursorAgeMs,
  type Page,
  type PageRequest,
} from "../../directory/list-pages.js";
import { userPut } from "../conformance/directory-under-test.js";
import { groupPut, inScanOrder } from "../conformance/subscriptions-under-test.js";
import { memoryStores } from "./uploads.js";

const ids = Array.from({ length: 25 }, (_, index) => `user-${String(index).padStart(2, "0")}`);
const key = { tenant: "acme", group: "news" };
const refused = expect.objectContaining({ code: "INPUT_INVALID", message: expect.stringContaining("cursor") });

describe("lists by cursor", () => {
  let stores: ReturnType<typeof memoryStores>;
  beforeEach(async () => {
    stores = memoryStores();
    for (const tenant of ["acme", "other"]) {
      await stores.directory.put(ids.map((id) => userPut(tenant, id)));
      await stores.subscriptions.putGroups(["news", "offers"].map((group) => groupPut(tenant, group)));
      for (const group of ["news", "offers"])
        await stores.subscriptions.join(
          { tenant, group },
          ids.map((user) => ({ user, channels: [] })),
        );
    }
  });

  const allOf = async <Item>(read: (page: PageRequest) => Promise<Page<Item> | undefined>, limit: number) => {
    const pages: (readonly Item[])[] = [];
    for (let cursor: string | undefined; ; ) {
      const page = await read({ limit, cursor });
      pages.push(page?.items ?? []);
      if (!page?.cursor) return pages;
      cursor = page.cursor;
    }
  };
  const membersOf = (tenant: string, group: string) => (page: PageRequest) => listMembers(stores.subscriptions, { tenant, group }, page, 0);

  it.each([1, 7, 25, 100])("returns every user, group and member once by pages of %i", async (limit) => {
    const users = await allOf((page) => listUsers(stores.directory, "acme", page), limit);
    expect(users.flat().map(({ id }) => id)).toEqual(ids);
    expect(users).toHaveLength(Math.ceil(ids.length / limit));
    const members = await allOf(membersOf("acme", "news"), limit);
    expect(members.flat().map(({ user }) => user)).toEqual(inScanOrder(ids));
    expect(members).toHaveLength(Math.ceil(ids.length / limit));
    const groups = await allOf((page) => listGroups(stores.subscriptions, "acme", page), limit);
    expect(groups.flat().map(({ group }) => group)).toEqual(["news", "offers"]);
    const own = await allOf((page) => listGroupsOf(stores.subscriptions, { tenant: "acme", user: "user-03" }, page), limit);
    expect(own.flat().map(({ group }) => group)).toEqual(["news", "offers"]);
  });

  it("shows one version of a group on all pages of a list", async () => {
    const first = await listMembers(stores.subscriptions, key, { limit: 10 }, 0);
    await stores.subscriptions.leave(key, ids.slice(0, 20));
    const rest = await listMembers(stores.subscriptions, key, { limit: 100, cursor: first?.cursor ?? "" }, mostCursorAgeMs);
    expect([...(first?.items ?? []), ...(rest?.items ?? [])].map(({ user }) => user)).toEqual(inScanOrder(ids));
    expect(rest?.version).toBe(first?.version);
    expect((await listMembers(stores.subscriptions, key, { limit: 100 }, 0))?.items).toHaveLength(5);
  });

  it("continues a list of members for a day", async () => {
    const cursor = (await listMembers(stores.subscriptions, key, { limit: 5 }, 1_000))?.cursor ?? "";
    const next = await listMembers(stores.subscriptions, key, { limit: 5, cursor }, 1_000 + mostCursorAgeMs);
    const late = { limit: 5, cursor: next?.cursor ?? "" };
    await expect(listMembers(stores.subscriptions, key, late, 1_001 + mostCursorAgeMs)).rejects.toThrow("more than a day ago");
  });

  it("refuses a cursor of another tenant, group or kind of list", async () => {
    const cursor = (await membersOf("acme", "news")({ limit: 5 }))?.cursor ?? "";
    const users = (await listUsers(stores.directory, "acme", { limit: 5 })).cursor ?? "";
    await expect(membersOf("other", "news")({ limit: 5, cursor })).rejects.toThrow(refused);
    await expect(membersOf("acme", "offers")({ limit: 5, cursor })).rejects.toThrow(refused);
    await expect(membersOf("acme", "news")({ limit: 5, cursor: users })).rejects.toThrow(refused);
    await expect(listUsers(stores.directory, "other", { limit: 5, cursor: users })).rejects.toThrow(refused);
    await expect(listGroups(stores.subscriptions, "acme", { limit: 5, cursor: users })).rejects.toThrow(refused);
  });

  it.each(["", "x", "e30", "bnVsbA", "*", "a".repeat(5_000)])("refuses the cursor %j", async (cursor) => {
    await expect(membersOf("acme", "news")({ limit: 5, cursor })).rejects.toThrow(refused);
  });

  it("has no page of a group that does not exist", async () => {
    expect(await membersOf("acme", "none")({ limit: 5 })).toBeUndefined();
  });
});
