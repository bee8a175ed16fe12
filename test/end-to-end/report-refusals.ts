import { expect, it } from "vitest";
import { asked, type ReportedDelivery } from "./reported-delivery.js";

const hostile: readonly (readonly [string, string, RegExp])[] = [
  ["code", '{"$where":"while(true){}"}', /\$where is not allowed/],
  ["a function", '{"$expr":{"$function":{"body":"f","args":[],"lang":"js"}}}', /\$expr is not allowed/],
  ["deep nesting", `${'{"$or":['.repeat(40)}{}${"]}".repeat(40)}`, /nested deeper/],
  ["a pattern that takes for ever", '{"to":{"$regex":"^(a+)+$"}}', /repeats a group/],
  ["what is no JSON", "{status:failed", /is not JSON/],
];

/** Queries that are refused, by field and reason, without a delay for others. */
export const itRefusesQueries = (given: ReportedDelivery): void => {
  const { get } = given;

  it.each(hostile)("refuses %s with 400 and its reason", async (_, filter, reason) => {
    for (const path of ["messages_sms", "messages_sms/_size"]) {
      const { status, body } = await get(`/reports/${path}?${asked({ filter })}`);
      expect(status).toBe(400);
      expect(body.detail).toMatch(reason);
    }
  });

  it("answers others as fast while hostile questions come", async () => {
    const p95 = async (): Promise<number> => {
      const tookMs: number[] = [];
      for (let index = 0; index < 40; index += 1) tookMs.push((await get(`/v1/messages/${given.refused}`)).tookMs);
      return tookMs.sort((one, other) => one - other)[37] ?? Number.NaN;
    };
    const quiet = await p95();
    const stop = new AbortController();
    const ask = async (): Promise<number> => {
      let answered = 0;
      while (!stop.signal.aborted)
        for (const [, filter] of hostile) {
          expect((await get(`/reports/messages_sms?${asked({ filter, pagesize: "1000" })}`)).status).toBe(400);
          answered += 1;
        }
      return answered;
    };
    const asking = [ask(), ask()];
    const busy = await p95();
    stop.abort();
    expect((await Promise.all(asking)).every((answered) => answered > 10)).toBe(true);
    // both take a few milliseconds; one query must not block all others
    expect(busy).toBeLessThan(quiet * 5 + 50);
  });

  it.each([
    ["pagesize", "100000"],
    ["page", "0"],
    ["page", "5000"],
    ["sort", '{"to":"up"}'],
    ["keys", '{"$where":1}'],
    ["after", "nonsense"],
    ["what", "ever"],
    ["rep", "HAL"],
    ["jsonMode", "SHELL"],
    ["count", "maybe"],
    ["keys", '{"to.x":1,"to":1}'],
    ["filter", '{"$or":[]}'],
  ])("refuses %s=%s, and names the field", async (name, value) => {
    const { status, body } = await get(`/reports/messages_sms?${asked({ [name]: value })}`);
    expect(status).toBe(400);
    expect(JSON.stringify(body)).toContain(name);
  });
};
