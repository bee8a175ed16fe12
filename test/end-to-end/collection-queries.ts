import { expect, it } from "vitest";
import { asked, type ReportedDelivery, senderKey } from "./reported-delivery.js";

/** MongoDB queries and aggregations of collections, over HTTP. */
export const itAnswersCollectionQueries = (given: ReportedDelivery): void => {
  const { get } = given;

  it("answers filters in extended JSON, sorted, with the fields that are asked for", async () => {
    const filter = JSON.stringify({ tenant: "bank", acceptedAt: { $gte: { $date: new Date(Date.now() - 3_600_000).toISOString() } } });
    const { body, headers } = await get(
      `/reports/messages_sms?${asked({ filter, sort: '{"to":1}', keys: '{"to":1,"region":1,"acceptedAt":1}', count: "true" })}`,
    );
    expect(headers.get("x-total-count")).toBe("5");
    expect(body.map(({ to, region }: Record<string, string>) => [to, region])).toEqual([
      ["+919812340100", "IN-KL"],
      ["+919812341100", "IN-KL"],
      ["+919812342100", "IN-KL"],
      ["+919812343100", "IN-KL"],
      ["+919812345100", "IN-TN"],
    ]);
    expect(Object.keys(body[0]).sort()).toEqual(["_id", "acceptedAt", "region", "to"]);
    expect(body[0].acceptedAt.$date).toMatch(/^\d{4}-/);
    const several = new URLSearchParams([
      ["filter", '{"tenant":"bank"}'],
      ["filter", '{"region":"IN-TN"}'],
    ]);
    expect((await get(`/reports/messages_sms/_size?${several}`)).body).toEqual({ _size: 1 });
  });

  it("takes what RESTHeart documents: ?count, jsonMode in any case, the shell's quotes, rep, sort_by, and a document by its id", async () => {
    const counted = await get("/reports/messages_sms?count&rep=s&keys={'to':1}&sort_by=-to&filter={tenant:'bank'}");
    expect(counted.status).toBe(200);
    expect(counted.headers.get("x-total-count")).toBe("5");
    expect(counted.body.map((document: object) => Object.keys(document).sort())).toEqual(Array(5).fill(["_id", "to"]));
    expect(counted.body[0].to).toBe("+919812345100");
    expect((await get("/reports/messages_sms?pagesize=5&pagesize=2")).body).toHaveLength(2);
    expect((await get("/reports/messages_sms?count=estimated&pagesize=0")).headers.get("x-total-count")).toBe("6");
    const path = `/reports/messages_email/${given.refused}`;
    const { body } = await get(`${path}?jsonMode=extended&rep=STANDARD`);
    expect(body).toMatchObject({ _id: given.refused, attempts: { $numberInt: "1" }, status: "failed" });
    expect(body.acceptedAt.$date.$numberLong).toMatch(/^\d+$/);
    expect((await get(`${path}?jsonMode=strict`)).body.acceptedAt.$date).toBeTypeOf("number");
    expect((await get(`${path}?keys={status:1}`, senderKey)).body).toEqual({ _id: given.refused, status: "failed" });
    const foreign = (await get("/reports/messages_sms?filter={tenant:'bank'}&pagesize=1")).body[0]._id;
    expect((await get(`/reports/messages_sms/${foreign}`, senderKey)).status).toBe(404);
    expect((await get("/reports/messages_sms/nobody")).status).toBe(404);
    for (const name of ["__proto__", "constructor"]) expect((await get(`/reports/messages_sms/_aggrs/${name}`)).status).toBe(404);
  });

  it("answers questions about null and patterns in lists as MongoDB does", async () => {
    const sizeOf = async (filter: string): Promise<number> => (await get(`/reports/messages_sms/_size?${asked({ filter })}`)).body._size;
    const pattern = '{"$regularExpression":{"pattern":"^\\\\+9198123[0-3]","options":""}}';
    expect(await sizeOf(`{"to":{"$in":[${pattern}]}}`)).toBe(0);
    const kerala = '{"$regularExpression":{"pattern":"^\\\\+91981234[0-3]","options":""}}';
    expect(await sizeOf(`{"to":{"$in":[${kerala}]}}`)).toBe(4);
    expect(await sizeOf(`{"to":{"$nin":[${kerala}]}}`)).toBe(2);
    expect(await sizeOf('{"lineage.details.nextAttempt":{"$ne":null}}')).toBe(0);
    expect(await sizeOf('{"lineage.details.nextAttempt":null}')).toBe(6);
  });

  it("pages by number and by cursor, each document once", async () => {
    const second = (await get(`/reports/messages_sms?${asked({ pagesize: "4", page: "2" })}`)).body;
    expect(second).toHaveLength(2);
    const seen: string[] = [];
    let path: string | undefined = `/reports/messages_sms?${asked({ pagesize: "2", keys: '{"status":1}' })}`;
    while (path !== undefined) {
      const { body, headers } = await get(path);
      seen.push(...body.map(({ _id }: { _id: string }) => _id));
      path = /^<(.+)>; rel="next"$/.exec(headers.get("link") ?? "")?.[1];
    }
    expect(new Set(seen).size).toBe(6);
    expect(seen).toHaveLength(6);
  });

  it("answers aggregations by name, with variables", async () => {
    const own = await get(`/reports/messages_sms/_aggrs/by-template?${asked({ avars: '{"status":"delivered"}' })}`);
    expect(own.body).toEqual([
      { _id: null, messages: 1 },
      { _id: "otp", messages: 5 },
    ]);
    expect((await get("/reports/messages_sms/_aggrs/by-template")).body.errors).toMatchObject([
      { field: "avars", problem: "status is missing" },
    ]);
    const reasons = await get(`/reports/rollups_daily/_aggrs/by-reason?${asked({ avars: '{"tenant":"shop"}' })}`);
    expect(reasons.body).toEqual([{ _id: { channel: "email", reason: "recipient_rejected" }, messages: 1 }]);
    expect((await get("/reports/rollups_daily/_aggrs/nothing")).status).toBe(404);
    expect((await get('/reports/rollups_daily/_aggrs/by-reason?avars={"tenent":"shop"}')).body.errors).toMatchObject([
      { field: "avars", problem: "tenent is not a variable of this aggregation", fix: expect.stringContaining("tenant") },
    ]);
    expect((await get('/reports/rollups_daily/_aggrs/by-reason?avars={"from":"2026-11-01"}')).body.errors).toMatchObject([
      { field: "from", problem: 'is a time, but is compared with "2026-11-01"' },
    ]);
    expect((await get("/reports")).body.aggregations.find(({ name }: { name: string }) => name === "recipients").variables).toEqual([
      "from",
      "most",
      "status",
      "to",
    ]);
  });
};
