import { expect, it } from "vitest";
import { readUnsubscribeUrl } from "../../channels/unsubscribe-url.js";

it("an https address is taken, normalized", () => {
  expect(readUnsubscribeUrl(" HTTPS://Shop.example/out?u=1 ")).toEqual({ url: "https://shop.example/out?u=1" });
});

it.each([
  ["http://shop.example", "not an https address"],
  ["shop.example", "not an address"],
  ["https://a b.example", "space"],
  ["https://shop.example/a,b", "comma or an angle bracket"],
  ["https://u:p@shop.example", "user name or password"],
  [`https://shop.example/${"x".repeat(900)}`, "characters"],
])("refuses %s: %s", (text, problem) => {
  expect(readUnsubscribeUrl(text)).toMatchObject({ problem: expect.stringContaining(problem) });
});
