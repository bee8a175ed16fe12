import { afterAll, beforeAll, expect, it } from "vitest";
import { eventually } from "../support/eventually.js";
import { createAsk } from "./ask.js";
import { apiKeys, keys, startWithRoutes } from "./walked-server.js";

let server: Awaited<ReturnType<typeof startWithRoutes>>;
beforeAll(async () => {
  server = await startWithRoutes({ apiKeys });
}, 60_000);
afterAll(() => server.stop());

const ask = createAsk(() => server.carillon.url);

it("lists the tenant's messages newest first, by pages, with filters", async () => {
  const sent: string[] = [];
  for (const to of ["one", "bounce", "three"]) {
    const message = { channel: "email", to: `${to}@sandbox.carillon.test`, content: { subject: "Hi", text: "Hi" } };
    sent.unshift((await ask(keys.acme, "POST", "/v1/messages", message)).body.id);
  }
  const list = async (query: string, key: string = keys.acme) => (await ask(key, "GET", `/v1/messages${query}`)).body;
  await eventually(
    () => list("?status=delivered,failed"),
    ({ items }) => items.length === 3,
  );
  expect((await list("")).items.map(({ id }) => id)).toEqual(sent);
  const first = await list("?limit=2");
  expect(first.items.map(({ id }) => id)).toEqual(sent.slice(0, 2));
  expect(await list(`?limit=2&cursor=${first.cursor}`)).toMatchObject({ items: [{ id: sent[2] }], cursor: null });
  expect((await list("?q=three@sandbox.carillon.test")).items).toMatchObject([{ id: sent[0], to: "three@sandbox.carillon.test" }]);
  expect((await list("", keys.other)).items).toEqual([]);
  expect((await ask(keys.acme, "GET", "/v1/messages?status=lost")).body.errors).toMatchObject([{ field: "status" }]);
});
