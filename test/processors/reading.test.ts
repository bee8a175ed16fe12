import { expect, it } from "vitest";
import { ignored, readingOf, readingsOf, receipt } from "../../processors/reading.js";
import { CarillonError } from "../../schemas/errors.js";

const delivered = { providerMessageId: "r-1", event: "delivered" } as const;

it("a receipt that is read is a reading, and so is what the reader says itself", () => {
  expect(readingOf(() => delivered)).toEqual({ kind: "receipt", receipt: delivered });
  expect(readingOf(() => ignored("greeting"))).toEqual({ kind: "ignored", reason: "greeting" });
});

it("what cannot be read is unreadable; a mistake of the reader's is thrown on", () => {
  const error = new CarillonError("CALLBACK_REFUSED", "no status");
  expect(
    readingOf(() => {
      throw error;
    }),
  ).toEqual({ kind: "unreadable", error });
  expect(() =>
    readingOf(() => {
      throw new TypeError("a mistake");
    }),
  ).toThrow(TypeError);
});

it("an empty list is ignored as such, and no other is", () => {
  expect(readingsOf([])).toEqual([{ kind: "ignored", reason: "empty" }]);
  expect(readingsOf([receipt(delivered)])).toEqual([receipt(delivered)]);
});
