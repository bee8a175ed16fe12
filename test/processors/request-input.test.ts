import { expect, it } from "vitest";
import { defaultLimits } from "../../client/limits.js";
import { inputOf, returnableMetadata } from "../../processors/request-input.js";
import { emailTo, requestOf } from "../support/requests.js";

const request = requestOf({ ...emailTo("success"), metadata: { order: "7" } }, Date.UTC(2026, 0, 1));

it("a request is judged as it is, its content unchanged, with the topic's lane where it names none", () => {
  const input = inputOf({ ...request, lane: null }, "bulk") as Record<string, unknown>;
  expect(input).toMatchObject({
    channel: "email",
    lane: "bulk",
    content: { subject: "Hello", text: "Hi there" },
    metadata: { order: "7" },
  });
  expect(input.content).toBe(request.content);
  expect(Object.keys(input)).not.toContain("id");
  expect(inputOf({ ...request, lane: "high" }, "bulk")).toMatchObject({ lane: "high" });
});

it("metadata is given back unless it is too large or not well-formed", () => {
  expect(returnableMetadata(request, defaultLimits)).toEqual({ order: "7" });
  expect(returnableMetadata({ ...request, metadata: { order: "x".repeat(defaultLimits.metadataBytes) } }, defaultLimits)).toEqual({});
  expect(returnableMetadata({ ...request, metadata: { order: "\ud800" } }, defaultLimits)).toEqual({});
});
