import { describe, expect, it } from "vitest";
import { checkMessage } from "../../client/check-message.js";
import { completeMessage } from "../../client/complete-message.js";
import { parseTraceContext, parseTraceparent, parseTracestate } from "../../client/trace-context.js";
import { outgoingOf } from "../../engine/runtime/outgoing.js";
import { createDeliveryTestDriver } from "../../service/delivery-test-driver.js";
import { emailTo, requestOf } from "../support/requests.js";

const [trace, parent] = ["0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"];
const plain = `00-${trace}-${parent}-01`;

describe("traceparent", () => {
  it.each([
    [plain, plain],
    [`00-${trace}-${parent}-00`, `00-${trace}-${parent}-00`],
    [`00-${trace}-${parent}-03`, `00-${trace}-${parent}-03`],
    [`00-${trace}-${parent}-ff`, `00-${trace}-${parent}-03`],
    [`00-${trace}-${parent}-08`, `00-${trace}-${parent}-00`],
    [`01-${trace}-${parent}-01`, plain],
    [`cc-${trace}-${parent}-01`, plain],
    [`cc-${trace}-${parent}-01-what-the-future-will-be-like`, plain],
    [`fe-${trace}-${parent}-01-`, plain],
  ])("%s is taken as %s", (text, taken) => {
    expect(parseTraceparent(text)).toBe(taken);
  });

  it.each([
    undefined,
    "",
    "00",
    "garbage",
    `${plain}-`,
    `${plain}-extra`,
    `${plain}0`,
    `${plain} `,
    ` ${plain}`,
    `${plain}\n`,
    `ff-${trace}-${parent}-01`,
    `FF-${trace}-${parent}-01`,
    `0-${trace}-${parent}-01`,
    `000-${trace}-${parent}-01`,
    `.0-${trace}-${parent}-01`,
    `00-${"0".repeat(32)}-${parent}-01`,
    `00-${trace}-${"0".repeat(16)}-01`,
    `cc-${"0".repeat(32)}-${parent}-01`,
    plain.toUpperCase(),
    `00-${trace.toUpperCase()}-${parent}-01`,
    `00-${trace}-${parent}-0A`,
    `00-${trace}-${parent}-0x`,
    `00-${trace}-${parent}-1`,
    `00-${trace.slice(1)}-${parent}-01`,
    `00-${trace}0-${parent}-01`,
    `00-${trace}-${parent.slice(1)}-01`,
    `00-${trace}-${parent}`,
    `00_${trace}_${parent}_01`,
    `cc-${trace}-${parent}-01.what`,
    `cc-${trace}-${parent}-011`,
    `${plain}, ${plain}`,
    `cc-${trace}-${parent}-01, ${plain}`,
    `00-${trace}-${parent}-é1`,
  ])("%j is dropped", (text) => {
    expect(parseTraceparent(text)).toBeUndefined();
  });
});

const members = (count: number, value = "v"): string => Array.from({ length: count }, (_, index) => `k${index}=${value}`).join(",");

describe("tracestate", () => {
  it.each([
    ["a=1", "a=1"],
    ["a=1,b=2", "a=1,b=2"],
    ["a=1 ,\t b=2", "a=1,b=2"],
    ["a=1,,b=2,", "a=1,b=2"],
    ["tenant@system=1,0rojo=00f067aa0ba902b7", "tenant@system=1,0rojo=00f067aa0ba902b7"],
    ["a_-*/@9=x", "a_-*/@9=x"],
    ["a=in side", "a=in side"],
    [`${"k".repeat(256)}=1`, `${"k".repeat(256)}=1`],
    [`a=${"v".repeat(256)}`, `a=${"v".repeat(256)}`],
    [members(32), members(32)],
  ])("%s is taken as %s", (text, taken) => {
    expect(parseTracestate(text)).toBe(taken);
  });

  it.each([
    undefined,
    "",
    " ",
    ",",
    "a",
    "=1",
    "a=",
    "a==1",
    "a=1=2",
    "A=1",
    "aB=1",
    "é=1",
    "a=é",
    "a b=1",
    "a =1",
    "a=1;b=2,c",
    "a=1,a=2",
    "a=\u0007",
    "@a=1",
    "_a=1",
    `${"k".repeat(257)}=1`,
    `a=${"v".repeat(257)}`,
    members(33),
  ])("%j is dropped as a whole", (text) => {
    expect(parseTracestate(text)).toBeUndefined();
  });

  it("leaves out its long members first where it is too long", () => {
    const kept = parseTracestate(
      `${members(20, "v".repeat(20))},${Array.from({ length: 12 }, (_, at) => `${"x".repeat(250)}${String(at).padStart(2, "0")}=${"l".repeat(255)}`).join(",")}`,
    );
    expect(kept?.length).toBeLessThanOrEqual(8_192);
    expect(kept).toContain("k19=");
  });

  it("is nothing without a traceparent", () => {
    expect(parseTraceContext("nonsense", "a=1")).toBeUndefined();
    expect(parseTraceContext(plain, "A=1")).toEqual({ traceparent: plain, tracestate: null });
    expect(parseTraceContext(plain, "a=1")).toEqual({ traceparent: plain, tracestate: "a=1" });
  });
});

describe("a message's trace", () => {
  const complete = (traceparent?: string, tracestate?: string) => {
    const { message } = checkMessage(emailTo("success"));
    if (!message) throw new Error("the message is not valid");
    return completeMessage(message, "acme", 0, traceparent, tracestate);
  };

  it("is what it is sent for, or else begins with the message", () => {
    expect(complete(`cc-${trace}-${parent}-01-x`, "a=1 , b=2")).toMatchObject({ traceparent: plain, tracestate: "a=1,b=2" });
    expect(complete(plain.toUpperCase(), "a=1")).toMatchObject({ traceparent: expect.not.stringContaining(trace), tracestate: null });
    expect(complete()).toMatchObject({ traceparent: expect.stringMatching(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/), tracestate: null });
  });

  it.each([
    ["in the record", {}, { traceparent: plain, tracestate: "a=1" }],
    [
      "in headers of the log, which are nearer",
      { traceparent: Buffer.from(`01-${trace}-${parent}-00`), tracestate: Buffer.from("h=1") },
      { traceparent: `00-${trace}-${parent}-00`, tracestate: "h=1" },
    ],
    [
      "in the record, where the headers are malformed",
      { traceparent: Buffer.from("nonsense"), tracestate: Buffer.from("h=1") },
      { traceparent: plain, tracestate: "a=1" },
    ],
  ])("%s, reaches the feedback", async (_, headers, expected) => {
    const driver = await createDeliveryTestDriver();
    const request = requestOf(emailTo("success"), driver.clock.now(), { traceparent: plain, tracestate: "a=1" });
    const { families, codecs } = driver.assembly;
    await driver.stores.log.append([{ ...outgoingOf(families.requests, request, codecs, (member) => `carillon.${member}`), headers }]);
    await driver.advance(1);
    await driver.advance(5_000);
    expect(await driver.read(driver.assembly.families.feedback)).toMatchObject([expected]);
  });
});
