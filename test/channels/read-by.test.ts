import { expect, it } from "vitest";
import { readBy } from "../../channels/read-by.js";

const even = readBy((text) => (text.length % 2 === 0 ? text.toUpperCase() : { problem: "is odd", fix: "add a letter" }));

it("a text comes out in the reader's form, or is refused in its words", () => {
  expect(even.parse("ab")).toBe("AB");
  expect(even.safeParse("abc").error?.issues).toMatchObject([{ code: "custom", message: "is odd", params: { fix: "add a letter" } }]);
});
