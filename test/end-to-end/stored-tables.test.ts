import { expect, it } from "vitest";
import { placesWith } from "./stored-tables.js";

it("finds a text as it is, in UTF-16, hex and base64, wherever it begins", () => {
  const within = ["", "a", "ab", "abc"].map((before) => Buffer.from(`${before}marker-1 and more`));
  const places = Object.fromEntries(
    within.flatMap((bytes, index) => [
      [`plain ${index}`, bytes.toString("latin1")],
      [`utf16 ${index}`, Buffer.from(bytes.toString(), "utf16le").toString("latin1")],
      [`hex ${index}`, bytes.toString("hex")],
      [`base64 ${index}`, bytes.toString("base64")],
    ]),
  );
  expect(placesWith("marker-1", { ...places, other: "marker-2", none: "" })).toEqual(Object.keys(places).sort());
});
