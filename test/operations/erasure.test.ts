import { describe, expect, it } from "vitest";
import { newTenant } from "../../access/configured-tenants.js";
import { deadLettersOf } from "../../operations/dead-letters/delivery-letters.js";
import { spellingsOf } from "../../operations/erased-recipient.js";
import { countRecipient, type Erasure, eraseRecipient } from "../../operations/erasure.js";
import type { DispatchCommand, MessageRequested } from "../../schemas/generated.js";
import { createDeliveryTestDriver, type DeliveryTestDriver } from "../../service/delivery-test-driver.js";
import { loadConfig } from "../../service/load-config.js";
import { callbacksOf } from "../../sources/callbacks.js";
import { emailTo, requestOf } from "../support/requests.js";

const config = loadConfig({ environment: {}, overrides: { instance: "test" } });

const erase = (driver: DeliveryTestDriver, to: string, tenant?: string): Promise<Erasure> => {
  const { stores, assembly, clock } = driver;
  const letters = deadLettersOf(config, stores, assembly, callbacksOf(config, assembly), clock);
  // the driver has already run everything, so there is nothing to wait for
  return eraseRecipient({ config, stores, assembly, letters, clock }, { to, tenant, waitMs: -1 });
};

const send = async (
  driver: DeliveryTestDriver,
  input: Parameters<typeof requestOf>[0],
  more: Partial<MessageRequested> = {},
): Promise<string> => {
  const request = requestOf(input, driver.clock.now(), more);
  await driver.pipe(driver.assembly.families.requests, request);
  return request.id;
};

describe("erasing a recipient", () => {
  it("discards a dead letter that names it behind any number of others", async () => {
    const driver = await createDeliveryTestDriver();
    const topic = `${config.topics.prefix}.dead-letters`;
    const others = Array.from({ length: 2_000 }, (_, index) => ({ topic, key: null, value: Buffer.from(`other ${index}`) }));
    await driver.stores.log.append(others);
    await driver.stores.log.append([{ topic, key: null, value: Buffer.from("to: anna@carillon.test") }]);
    expect(await erase(driver, "anna@carillon.test")).toMatchObject({ deadLetters: 1 });
  });

  it("takes the address from the users of all tenants, or of one", async () => {
    const driver = await createDeliveryTestDriver();
    const { directory, tenants } = driver.stores;
    const to = "anna@carillon.test";
    for (const id of ["shop", "other"]) await tenants.put(newTenant(id, id));
    const users = ["local", "shop", "other"].map((tenant) => ({ tenant, id: "anna" }));
    const have = async () => (await directory.get(users)).map((user) => [user?.addresses.email, user?.addresses.http.length]);
    const attributes = { plan: "pro" };
    await directory.put(
      users.map((key) => ({ ...key, addresses: { email: to, sms: "+14155550100" }, locale: "en", timeZone: null, attributes })),
    );
    const url = "https://anna.carillon.test/";
    await directory.register(users.map((key) => ({ ...key, channel: "http", address: url, app: null })));
    expect(await erase(driver, "anna@CARILLON.test", "shop")).toMatchObject({ users: 1 });
    expect(await have()).toEqual([
      [to, 1],
      [null, 1],
      [to, 1],
    ]);
    expect(await erase(driver, url)).toMatchObject({ users: 3 });
    expect(await erase(driver, to)).toMatchObject({ users: 2 });
    expect(await have()).toEqual(users.map(() => [null, 0]));
    expect(await directory.get(users)).toMatchObject(users.map(() => ({ addresses: { sms: "+14155550100" }, attributes })));
  });

  it("finds no user of a tenant, and with an address, that no user can have", async () => {
    const driver = await createDeliveryTestDriver();
    expect(await erase(driver, "anna@carillon.test", "ü".repeat(128))).toMatchObject({ users: 0, complete: true });
    expect(await erase(driver, "x".repeat(10_000))).toMatchObject({ users: 0, complete: true });
    expect(await erase(driver, "anna@carillon.test", "")).toMatchObject({ users: 0, complete: true });
  });

  it("cancels what is to be tried again, and never tries it", async () => {
    const driver = await createDeliveryTestDriver();
    const name = "flaky+anna";
    const to = `${name}@sandbox.carillon.test`;
    const id = await send(driver, emailTo(name));
    expect(await driver.stores.timers.pending()).toBe(1);
    expect(await erase(driver, to)).toMatchObject({ messages: 1, cancelled: 1 });
    expect(await driver.stores.timers.pending()).toBe(0);
    await driver.advance(3_600_000);
    expect(await driver.lineage(id)).toMatchObject({ status: "cancelled", reason: "recipient_erased", to: null, attempts: 1 });
    expect(driver.delivered).toEqual([]);
    expect(await driver.read(driver.assembly.families.feedback)).toMatchObject([
      { messageId: id, status: "cancelled", reason: "recipient_erased" },
    ]);
  });

  it("has no first attempt made that lay in its queue meanwhile, nor a later one", async () => {
    const driver = await createDeliveryTestDriver();
    const name = "success+anna";
    const to = `${name}@sandbox.carillon.test`;
    const id = await send(driver, emailTo(name), { notBefore: driver.clock.now() + 60_000 });
    const [timer] = await driver.stores.timers.claimDue(10, 1).then(async () => {
      await driver.clock.advance(60_000);
      return driver.stores.timers.claimDue(10, 1_000);
    });
    await erase(driver, to);
    // the timer had been claimed just before, so its command arrives anyway
    const { dispatch } = driver.assembly.families;
    const command = (await driver.assembly.codecs.of(dispatch).decode(timer?.record.value ?? null)) as DispatchCommand;
    await driver.pipe(dispatch, command);
    await driver.pipe(dispatch, { ...command, attempt: 2 });
    expect(driver.delivered).toEqual([]);
    const document = await driver.lineage(id);
    expect(document).toMatchObject({ status: "cancelled", to: null });
    expect(document?.lineage.filter(({ stage }) => stage === "dispatch")).toMatchObject([
      { attempt: 1, outcome: "superseded" },
      { attempt: 2, outcome: "superseded" },
    ]);
  });

  it("keeps what is counted, and lets a late receipt find its message", async () => {
    const driver = await createDeliveryTestDriver();
    const name = "complaint+anna";
    const to = `${name}@sandbox.carillon.test`;
    const id = await send(driver, emailTo(name), { user: "anna" });
    expect(await driver.lineage(id)).toMatchObject({ status: "dispatched", user: "anna" });
    await erase(driver, to);
    await driver.advance(10_000);
    expect(await driver.lineage(id)).toMatchObject({ status: "cancelled", engagement: ["complained"], to: null, user: null });
    expect(JSON.stringify(await driver.lineage(id))).not.toContain("anna");
    expect(await driver.read(driver.assembly.families.deadLetters)).toEqual([]);
    const cached = await driver.stores.cache.get(id);
    expect(cached?.includes("anna")).toBe(false);
    const rollups = await driver.stores.lineage.query("rollups_daily", { "statuses.cancelled": { $gt: 0 } });
    expect(rollups).toMatchObject([{ messages: 1, engagements: { complained: 1 } }]);
  });

  it("erases one tenant's messages where one is named", async () => {
    const driver = await createDeliveryTestDriver();
    const name = "success+anna";
    const to = `${name}@sandbox.carillon.test`;
    const [one, other] = [await send(driver, emailTo(name), { tenant: "one" }), await send(driver, emailTo(name), { tenant: "other" })];
    await driver.advance(10_000);
    expect(await countRecipient(driver.stores, { to, tenant: "one" })).toBe(1);
    expect(await erase(driver, to, "one")).toMatchObject({ messages: 1, cancelled: 0 });
    expect((await driver.lineage(one))?.to).toBeNull();
    expect((await driver.lineage(other))?.to).toBe(to);
  });

  it("erases the messages to a user, at all addresses, and leaves others", async () => {
    const driver = await createDeliveryTestDriver();
    const sent = (name: string, more: Partial<MessageRequested>) => send(driver, emailTo(`success+${name}`), more);
    const own = [await sent("one", { user: "anna", tenant: "shop" }), await sent("two", { user: "anna", tenant: "shop" })];
    const others = [
      await sent("one", { user: "anna", tenant: "other" }),
      await sent("one", { user: "ben", tenant: "shop" }),
      await sent("one", { tenant: "shop" }),
    ];
    await driver.advance(10_000);
    const question = { user: "anna", tenant: "shop" };
    expect(await countRecipient(driver.stores, question)).toBe(2);
    const { stores, assembly, clock } = driver;
    const letters = deadLettersOf(config, stores, assembly, callbacksOf(config, assembly), clock);
    expect(await eraseRecipient({ config, stores, assembly, letters, clock }, { ...question, waitMs: -1 })).toMatchObject({ messages: 2 });
    for (const id of own) expect(await driver.lineage(id)).toMatchObject({ to: null, user: null });
    for (const id of others) expect((await driver.lineage(id))?.to).toBe("success+one@sandbox.carillon.test");
    expect(await countRecipient(driver.stores, question)).toBe(0);
  });

  it("knows a number by its normal form", () => {
    expect(spellingsOf("+1 415 555 0100")).toEqual(["+1 415 555 0100", "+14155550100"]);
    expect(spellingsOf("anna@example.com")).toEqual(["anna@example.com"]);
  });
});
