import { describe, expect, it } from "vitest";
import type { Provider } from "../../../processors/provider.js";
import type { OwnUse } from "../../../sinks/own/open-lines.js";
import { createOwnLines, type OwnLineOf } from "../../../sinks/own/own-lines.js";
import type { RoutedProvider } from "../../../sinks/routing/routed-provider.js";
import type { TenantProvider } from "../../../stores/tenants/tenants.js";
import { createVirtualClock } from "../../../stores/virtual-clock.js";

const stored = (host: string): TenantProvider => ({ type: "smtp", options: { host }, secrets: {} });
const of = (scoped: string, host = "mail.test"): OwnLineOf => ({ scoped, channel: "email", stored: stored(host) });

/** Lines whose providers note when they open and close. */
const linesUnderTest = (most: number, fails: (line: OwnLineOf) => boolean = () => false) => {
  const clock = createVirtualClock();
  const events: string[] = [];
  const troubles: unknown[] = [];
  const make = async (line: OwnLineOf) => {
    const name = `${line.scoped} at ${line.stored.options.host}`;
    if (fails(line)) throw new Error("no key");
    events.push(`open ${name}`);
    const close = async (): Promise<void> => void events.push(`close ${name}`);
    const provider = { name: line.scoped, channel: line.channel, close } as Provider;
    return { provider, routed: { name } as unknown as RoutedProvider };
  };
  const lines = createOwnLines({ make, clock, onTrouble: (error) => troubles.push(error), most });
  const use = async (line: OwnLineOf): Promise<OwnUse> => {
    const taken = await lines.take(line);
    if (!("routed" in taken)) throw new Error(taken.detail);
    return taken;
  };
  return { clock, events, troubles, lines, use };
};

describe("open providers of tenants", () => {
  it("are opened once, also by several messages at a time, and closed at the end", async () => {
    const { lines, use, events } = linesUnderTest(10);
    const uses = await Promise.all([use(of("shop/mail")), use(of("shop/mail")), use(of("bank/mail"))]);
    expect(events).toEqual(["open shop/mail at mail.test", "open bank/mail at mail.test"]);
    const open = lines.take(of("shop/mail"));
    expect(open).not.toBeInstanceOf(Promise);
    uses.push((await open) as OwnUse);
    for (const { letGo } of uses) letGo();
    await lines.close();
    expect(events.slice(2).sort()).toEqual(["close bank/mail at mail.test", "close shop/mail at mail.test"]);
  });

  it("are replaced next to the former one, which closes after its last use", async () => {
    const { lines, use, events } = linesUnderTest(10);
    const former = [await use(of("shop/mail", "old.test")), await use(of("shop/mail", "old.test"))];
    const changed = await Promise.all([use(of("shop/mail", "new.test")), use(of("shop/mail", "new.test"))]);
    expect(events).toEqual(["open shop/mail at old.test", "open shop/mail at new.test"]);
    for (const { letGo } of [former[0], former[0]] as OwnUse[]) letGo();
    expect(events).toHaveLength(2);
    former[1]?.letGo();
    expect(events.at(-1)).toBe("close shop/mail at old.test");
    for (const { letGo } of changed) letGo();
    await lines.close();
    expect(events.at(-1)).toBe("close shop/mail at new.test");
  });

  it("have a bound: the one that was unused for the longest time leaves, and none that is in use", async () => {
    const { use, lines, events } = linesUnderTest(2);
    const first = await use(of("a/mail"));
    (await use(of("b/mail"))).letGo();
    const third = await use(of("c/mail"));
    expect(events.at(-2)).toBe("close b/mail at mail.test");
    expect(await lines.take(of("d/mail"))).toMatchObject({ reason: "provider_throttled" });
    first.letGo();
    await use(of("d/mail"));
    expect(events).toContain("close a/mail at mail.test");
    third.letGo();
  });

  it("are closed when they were unused for ten minutes", async () => {
    const { use, clock, events } = linesUnderTest(10);
    const held = await use(of("a/mail"));
    (await use(of("b/mail"))).letGo();
    await clock.advance(660_000);
    expect(events.filter((event) => event.startsWith("close"))).toEqual(["close b/mail at mail.test"]);
    held.letGo();
  });

  it("that cannot be opened are tried again after a minute, or once they have changed", async () => {
    let isBroken = true;
    const { lines, clock, events, troubles } = linesUnderTest(10, ({ stored: { options } }) => isBroken && options.host === "mail.test");
    expect(await lines.take(of("shop/mail"))).toMatchObject({ reason: "account_rejected", detail: expect.stringContaining("no key") });
    expect(await lines.take(of("shop/mail"))).toMatchObject({ reason: "account_rejected" });
    expect(troubles).toHaveLength(1);
    expect(await lines.take(of("shop/mail", "other.test"))).toHaveProperty("routed");
    isBroken = false;
    await clock.advance(61_000);
    expect(await lines.take(of("shop/mail"))).toHaveProperty("routed");
    expect(events).toEqual(["open shop/mail at other.test", "open shop/mail at mail.test"]);
  });
});
