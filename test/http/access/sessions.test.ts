import { describe, expect, it } from "vitest";
import type { ApiKey } from "../../../http/access/api-key.js";
import { createSessions, sessionSeconds } from "../../../http/access/sessions.js";
import { createMemoryCells } from "../../../stores/cells/memory-cells.js";
import { createVirtualClock } from "../../../stores/virtual-clock.js";

const operator: ApiKey = { tenant: "operations", key: "operations-0123456789", role: "operator" };
const other: ApiKey = { tenant: "shop", key: "shop-0123456789-abcdef", role: "operator" };

describe("sessions of the console", () => {
  const clock = createVirtualClock(Date.UTC(2026, 10, 22));
  const cells = createMemoryCells(clock);
  const sessions = (keys = [operator, other]) => createSessions(cells, keys, () => clock.now());

  it("are known to every process that shares the store, until they are ended in any", async () => {
    const id = await sessions().begin(operator);
    expect(await sessions().find(id)).toEqual({ tenant: "operations", operator: true });
    await sessions().end(id);
    expect(await sessions().find(id)).toBeUndefined();
  });

  it("end with the key that began them", async () => {
    const id = await sessions().begin(other);
    expect(await sessions().find(id)).toEqual({ tenant: "shop", operator: true });
    expect(await sessions([operator]).find(id)).toBeUndefined();
    expect(await sessions([operator, { ...other, key: "shop-new-0123456789" }]).find(id)).toBeUndefined();
    expect(await sessions([operator, { ...other, role: "sender" }]).find(id)).toEqual({ tenant: "shop", operator: false });
  });

  it("expire by the server's clock, and store neither id nor key", async () => {
    const id = await sessions().begin(operator);
    const stored = JSON.stringify([...(await cells.all("console-sessions"))]);
    for (const secret of [id, operator.key]) expect(stored).not.toContain(secret);
    await clock.advance(sessionSeconds * 1_000 - 1);
    expect(await sessions().find(id)).toBeDefined();
    await clock.advance(1);
    expect(await sessions().find(id)).toBeUndefined();
  });

  it("are bounded: the oldest gives way", async () => {
    const first = await sessions().begin(operator);
    await clock.advance(1);
    for (let count = 0; count < 1_000; count += 1) await sessions().begin(operator);
    expect(await sessions().find(first)).toBeUndefined();
    expect((await cells.all("console-sessions")).size).toBeLessThanOrEqual(1_000);
  });
});
