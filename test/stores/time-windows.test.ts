import fc from "fast-check";
import { expect, it } from "vitest";
import type { MessageDocument } from "../../stores/lineage-store/lineage-store.js";
import { queryDocuments } from "../../stores/lineage-store/query/query-documents.js";
import { byTimeWindows } from "../../stores/lineage-store/query/time-windows.js";
import { parameters } from "../properties/property.js";

const nowMs = Date.UTC(2026, 10, 22);
const hourMs = 3_600_000;

const documents = (hoursAgo: readonly number[]): MessageDocument[] =>
  hoursAgo.map(
    (hours, index) =>
      ({
        _id: `m-${String(index).padStart(4, "0")}`,
        acceptedAt: new Date(nowMs - hours * hourMs),
        status: index % 3 === 0 ? "failed" : "delivered",
      }) as MessageDocument,
  );

it("gives the same page by spans of time as at once, whatever the filter", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: -5, max: 3_000 }), { maxLength: 60 }),
      fc.integer({ min: 1, max: 20 }),
      fc.record(
        { since: fc.integer({ min: 0, max: 3_000 }), until: fc.integer({ min: -10, max: 3_000 }), failed: fc.boolean() },
        { requiredKeys: [] },
      ),
      async (hoursAgo, limit, { since, until, failed }) => {
        const all = documents(hoursAgo);
        const filter = {
          $and: [
            ...(since === undefined ? [] : [{ acceptedAt: { $gte: new Date(nowMs - since * hourMs) } }]),
            ...(until === undefined ? [] : [{ acceptedAt: { $lte: new Date(nowMs - until * hourMs) } }]),
            ...(failed ? [{ status: "failed" }] : []),
          ],
        };
        const options = { sort: { acceptedAt: -1, _id: -1 } as const, limit };
        let asked = 0;
        const page = await byTimeWindows("messages_sms", filter, options, nowMs, async (own, narrowed) => {
          asked += 1;
          return queryDocuments(all, own, narrowed);
        });
        expect(page.map(({ _id }) => _id)).toEqual(queryDocuments(all, filter, options).map(({ _id }) => _id));
        expect(asked).toBeLessThanOrEqual(4);
      },
    ),
    parameters,
  );
});
