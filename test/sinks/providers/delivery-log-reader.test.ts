import { afterEach, beforeEach, expect, it } from "vitest";
import { createDeliveryLogReader } from "../../../sinks/providers/push/delivery-log-reader.js";
import { createVirtualClock } from "../../../stores/virtual-clock.js";
import { answerJson, type HttpPeer, startHttpPeer } from "../../support/http-peer.js";

const groups = ["sns/app", "sns/app/Failure"];
const signal = new AbortController().signal;

let peer: HttpPeer;
let reader: ReturnType<typeof createDeliveryLogReader>;
const clock = createVirtualClock();

beforeEach(async () => {
  peer = await startHttpPeer(answerJson(200, { events: [] }));
  const config = {
    endpoint: peer.url,
    region: "us-east-1",
    maxAttempts: 1,
    credentials: { accessKeyId: "a", secretAccessKey: "b" },
  };
  reader = createDeliveryLogReader(config, groups, clock);
});
afterEach(async () => {
  reader.close();
  await peer.stop();
});

const asked = (): { readonly logGroupName: string; readonly startTime: number; readonly nextToken?: string }[] =>
  peer.calls.map(({ body }) => JSON.parse(body));

it("the next round begins where this one began, however long it took", async () => {
  const beganMs = clock.now();
  const first = await reader.receiptLog.next(undefined, signal);
  clock.advance(600_000); // the process is away between the two groups
  const second = await reader.receiptLog.next(first.cursor, signal);
  expect(second.more).toBe(false);
  await reader.receiptLog.next(second.cursor, signal);
  expect(asked().map(({ logGroupName }) => logGroupName)).toEqual([...groups, groups[0]]);
  expect(asked()[2]?.startTime).toBeLessThanOrEqual(beganMs);
});

it("a group that does not exist yet is empty, and the others are read", async () => {
  const events = [{ message: "{}" }];
  peer.answers((response, call) =>
    call.body.includes("Failure")
      ? answerJson(400, { __type: "ResourceNotFoundException", message: "no" })(response, call)
      : answerJson(200, { events })(response, call),
  );
  const first = await reader.receiptLog.next(undefined, signal);
  expect(first.lines).toHaveLength(1);
  expect(await reader.receiptLog.next(first.cursor, signal)).toMatchObject({ lines: [], more: false });
});

it("a page whose token has expired is read anew", async () => {
  peer.answers((response, call) =>
    call.body.includes("nextToken")
      ? answerJson(400, { __type: "InvalidParameterException", message: "expired" })(response, call)
      : answerJson(200, { events: [{ message: "{}" }] })(response, call),
  );
  const cursor = JSON.stringify({ sinceMs: 1_000, token: "old", group: 1 });
  expect(await reader.receiptLog.next(cursor, signal)).toMatchObject({ lines: [expect.anything()], more: false });
  expect(asked().map(({ nextToken }) => nextToken)).toEqual(["old", undefined]);
});
