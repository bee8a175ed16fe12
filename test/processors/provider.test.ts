import { expect, it } from "vitest";
import { outcomeOfRejection } from "../../processors/provider.js";
import { CarillonError } from "../../schemas/errors.js";

it("a message of which no request can be made fails for good, unsent", () => {
  expect(outcomeOfRejection(new CarillonError("UNSENDABLE", "no such field"))).toEqual({
    kind: "permanent_failure",
    reason: "invalid_content",
    detail: "no such field",
    notSent: true,
  });
});

it.each([[new Error("socket hang up")], [new CarillonError("UNAVAILABLE", "away")], ["a text"]])(
  "any other rejection is ambiguous: %s",
  (thrown) => {
    expect(outcomeOfRejection(thrown)).toMatchObject({ kind: "ambiguous", reason: "provider_unavailable" });
  },
);
