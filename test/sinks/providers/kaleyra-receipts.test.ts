import { describe, expect, it } from "vitest";
import { definitionOf } from "../../../sinks/providers/registry.js";
import { optionsOf, receiptsIn } from "../../support/providers.js";

describe("provider kaleyra", () => {
  const callback = (fields: Readonly<Record<string, string>>) =>
    receiptsIn(
      definitionOf("kaleyra")?.callbacks?.read(
        { method: "GET", url: "/", headers: {}, form: {}, fields, json: undefined, body: Buffer.alloc(0) },
        optionsOf("kaleyra", {}),
      ),
    );

  it.each([
    [
      { id: "k-1", status: "DELIVRD", delivered_at: "2026-11-22T10:00:00Z" },
      { event: "delivered", statedAt: "2026-11-22T10:00:00Z" },
    ],
    [{ message_id: "k-1", status: "AWAITED-DLR" }, { event: "accepted" }],
    [
      { id: "k-1", status: "INVALID-NUM", error_code: "E9" },
      { event: "permanent_failure", reason: "recipient_rejected", detail: "E9" },
    ],
    [
      { id: "k-1", status: "MOB-OFF" },
      { event: "temporary_failure", reason: "recipient_unavailable" },
    ],
    [
      { id: "k-1", status: "REJECTED" },
      { event: "permanent_failure", reason: "recipient_rejected" },
    ],
    [
      { id: "k-1", status: "Undelivered", status_trace: "ABSENT-SUB", description: "not reachable" },
      { event: "temporary_failure", reason: "recipient_unavailable", detail: "ABSENT-SUB not reachable" },
    ],
    [
      { id: "k-1", status: "NOT-SENT", status_trace: "NO-CREDITS" },
      { event: "temporary_failure", reason: "account_rejected", detail: "NO-CREDITS" },
    ],
    [
      { id: "k-1", status: "Not Sent", status_trace: "INV-TEMPLATE-MATCH" },
      { event: "permanent_failure", reason: "content_rejected", detail: "INV-TEMPLATE-MATCH" },
    ],
    [
      { id: "k-1", status: "NotSent", status_trace: "NEW-ONE" },
      { event: "temporary_failure", reason: "provider_unavailable", detail: "NEW-ONE" },
    ],
    [
      { id: "k-1", status: "UNDELIVERED", status_trace: "NEW-ONE" },
      { event: "permanent_failure", reason: "recipient_unavailable", detail: "NEW-ONE" },
    ],
    [
      { id: "k-1", status: "UNDELIVERED", status_trace: "NO-DLR-OPTR" },
      { event: "accepted", detail: "NO-DLR-OPTR" },
    ],
    [
      { id: "k-1", status: "Delivered", status_trace: "BLACKLIST" },
      { event: "delivered", detail: "BLACKLIST" },
    ],
    [{ id: "k-1", status: "SENT", status_trace: "SENT" }, { event: "accepted" }],
    [
      { id: "k-1", status: "NEW-ONE", status_trace: "OPT-OUT" },
      { event: "permanent_failure", reason: "recipient_rejected", detail: "OPT-OUT" },
    ],
    [
      { id: "k-1", status: "NEW-ONE" },
      { event: "accepted", detail: "NEW-ONE: not a documented state", discriminator: "NEW-ONE", unknownState: "NEW-ONE" },
    ],
  ])("receipt: reads callbacks: %j", (fields, expected) => {
    expect(callback(fields)).toEqual([{ providerMessageId: "k-1", ...expected }]);
  });

  /** As listed in its documentation. */
  it.each([
    ["NO-CREDITS INF-CREDIT KYC-NOT-APPROVED SERVER-ERR NET-ERR SUBMIT-FAIL", "temporary_failure"],
    ["ABSENT-SUB HANDSET-BUSY HANDSET-ERR MOB-OFF MEM-EXEC MEMEXEC TIME-OUT-PROM", "temporary_failure"],
    ["NUM-LIMIT", "throttled"],
    ["SERIES-BLOCK SERIES-BLK KLR-INV-NUMBER INV-NUMBER INVALID-NUM INV-MOB-PATTRN INVALID-SUB BARRED REJECTED", "permanent_failure"],
    ["BLACKLIST CON-DND DND-NUMB DNDNUMB NOT-OPTIN OUTPUT-REJ OPTOUT-REJ OPT-OUT NOT-ALLOWED NOTALLOWED", "permanent_failure"],
    ["SPAM TEMPLATE-NOT-FOUND INV-TEMPLATE-MATCH SENDER-ID-NOT-FOUND SNDRID-NOT-ALLOTED MOB-NOTALLOWED", "permanent_failure"],
    ["REJECTED-MULTIPART MAX-LENGTH MAX-LIMIT FAILED EXPIRED", "permanent_failure"],
    ["AWAITED-DLR NO-DLR-OPTR QUEUED SUBMITTED ENROUTE", "accepted"],
  ])("receipt: maps states, as status and as trace: %s", (words, event) => {
    const reports = words
      .split(" ")
      .flatMap((word) => [...callback({ id: "k-1", status: word }), ...callback({ id: "k-1", status: "NOT-SENT", status_trace: word })]);
    expect(reports.map((report) => report.event)).toEqual(reports.map(() => event));
  });

  it("receipt: names a missing field", () => {
    expect(() => callback({ id: "k-1" })).toThrow("status: is missing");
  });
});
