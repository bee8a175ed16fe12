import { describe, expect, it } from "vitest";
import type { Place, Wait } from "../../../processors/routing.js";
import type { Entry, RoutedProvider } from "../../../sinks/routing/routed-provider.js";
import { createSeekWay } from "../../../sinks/routing/seek-way.js";
import { createWaitingRoom } from "../../../sinks/routing/waiting-room.js";
import type { Way } from "../../../sinks/routing/way.js";
import { createVirtualClock } from "../../../stores/virtual-clock.js";
import { commandTo } from "../../support/commands.js";
import { nameOf, provider } from "./routing-under-test.js";

const command = commandTo("sms", "+14155550100");
const stop = { signal: new AbortController().signal };

/** A way whose providers answer with these entries, and the events of their use. */
const wayUnderTest = (entries: Readonly<Record<string, () => Entry | Promise<Entry>>>) => {
  const clock = createVirtualClock();
  const events: string[] = [];
  const names = Object.keys(entries);
  const find = (name: string): RoutedProvider | undefined =>
    entries[name] && ({ share: 1, enter: entries[name], wait: () => () => undefined } as unknown as RoutedProvider);
  const missing: Wait = { reason: "account_rejected", detail: "none", untilMs: 1 };
  const way: Way = {
    route: names.map((name, index) => ({ name, weight: index === 0 ? 1 : 0 })),
    find,
    missing,
    release: (found) => {
      const kept = found?.provider?.name;
      for (const name of names) if (name !== kept) events.push(`let go of ${name}`);
      return () => events.push(`let go of ${kept}`);
    },
  };
  const seek = createSeekWay(1_000, clock, createWaitingRoom(clock));
  const place = (name: string) => (): Place => ({ provider: provider(name), leave: () => events.push(`left ${name}`) });
  return { way, events, seek, place };
};
const isIll = (): Entry => ({ reason: "provider_unavailable", detail: "ill", untilMs: 5 });

describe("a place on a way that holds its providers", () => {
  it("lets go of the others at once, and of its own when it is left", async () => {
    const parts: ReturnType<typeof wayUnderTest> = wayUnderTest({ a: isIll, b: () => parts.place("b")(), c: isIll });
    const found = await parts.seek(parts.way, command, stop);
    expect(nameOf(found)).toBe("b");
    expect(parts.events).toEqual(["let go of a", "let go of c"]);
    (found as Place).leave();
    expect(parts.events.slice(2)).toEqual(["left b", "let go of b"]);
  });

  it("that is not found lets go of all, also if the search fails", async () => {
    const ill = wayUnderTest({ a: isIll, b: isIll });
    expect(nameOf(await ill.seek(ill.way, command, stop))).toBe("waits: provider_unavailable");
    expect(ill.events).toEqual(["let go of a", "let go of b"]);
    const failing = wayUnderTest({ a: () => Promise.reject(new Error("no store")) });
    await expect(failing.seek(failing.way, command, stop)).rejects.toThrow("no store");
    expect(failing.events).toEqual(["let go of a"]);
  });
});

describe("a way without providers", () => {
  it("says why the message waits", async () => {
    const { way, seek } = wayUnderTest({});
    expect(await seek(way, command, stop)).toEqual(way.missing);
  });
});
