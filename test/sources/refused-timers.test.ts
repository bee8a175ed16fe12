import { describe, expect, it } from "vitest";
import { CarillonError } from "../../schemas/errors.js";
import { fire } from "../../sources/expire-listener.js";
import type { OutgoingRecord } from "../../stores/event-log/event-log.js";
import { createMemoryTimers } from "../../stores/timers/memory-timers.js";
import { createVirtualClock } from "../../stores/virtual-clock.js";

const leaseMs = 15_000;

/** Three due timers, and a log that can never accept the record of the second. */
const start = async (onRefused: () => Promise<void> = async () => undefined) => {
  const clock = createVirtualClock();
  const timers = createMemoryTimers(clock);
  const taken: string[] = [];
  const kept: string[] = [];
  const record = (id: string) => ({ topic: "carillon.dispatch.sms.normal", key: id, value: Buffer.from(id) });
  await timers.schedule(["one", "large", "three"].map((id) => ({ id, dueAtMs: clock.now(), record: record(id) })));
  await clock.advance(1);
  const writer = {
    append: async (records: readonly OutgoingRecord[]) => {
      const values = records.map(({ value }) => String(value));
      if (values.includes("large")) throw new CarillonError("RECORD_REFUSED", "MESSAGE_TOO_LARGE");
      taken.push(...values);
    },
  };
  const refused = async ({ key }: { readonly key: string }, { code }: CarillonError): Promise<void> => {
    await onRefused();
    kept.push(`${key}: ${code}`);
  };
  const fireDue = async (): Promise<number> => {
    const claimed = await timers.claimDue(10, leaseMs);
    await fire(claimed, { timers, writer, onRefused: refused });
    return claimed.length;
  };
  return { clock, timers, taken, kept, fireDue };
};

describe("a timer whose record the log can never take", () => {
  it("is kept once, holds up no other timer, and does not come again", async () => {
    const { clock, timers, taken, kept, fireDue } = await start();
    expect(await fireDue()).toBe(3);
    expect(taken.sort()).toEqual(["one", "three"]);
    expect(kept).toEqual(["large: RECORD_REFUSED"]);
    expect(await timers.pending()).toBe(0);
    await clock.advance(2 * leaseMs);
    expect(await fireDue()).toBe(0);
  });

  it("comes again where it could not be kept", async () => {
    let isAway = true;
    const { clock, timers, kept, fireDue } = await start(async () => {
      if (isAway) throw new CarillonError("UNAVAILABLE", "the log is away");
    });
    await expect(fireDue()).rejects.toThrow("the log is away");
    expect(await timers.pending()).toBe(3);
    isAway = false;
    await clock.advance(2 * leaseMs);
    await fireDue();
    expect(kept).toEqual(["large: RECORD_REFUSED"]);
    expect(await timers.pending()).toBe(0);
  });
});
