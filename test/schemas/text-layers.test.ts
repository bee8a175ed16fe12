import { expect, it } from "vitest";
import { layersOf } from "../../schemas/text-layers.js";

it.each([
  ["a secret as it is", "the-secret", "the-secret"],
  ["percent-encoded", "the%2Dsecret", "the-secret"],
  ["as an entity of HTML", "the&#45;secret", "the-secret"],
  ["escaped by JSON", "the\\u002dsecret", "the-secret"],
  ["wrapped over two lines", "the-se\r\n cret", "the-secret"],
])("a text %s is found in one of its layers, with its place in the original", (_, text, plain) => {
  const given = `before ${text} after`;
  const found = layersOf(given).find((layer) => layer.text.includes(plain));
  const at = found?.text.indexOf(plain) ?? -1;
  expect(at).toBeGreaterThanOrEqual(0);
  expect(given.slice(found?.starts[at], found?.ends[at + plain.length - 1])).toBe(text);
});
