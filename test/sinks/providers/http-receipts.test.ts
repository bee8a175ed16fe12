import { describe, expect, it } from "vitest";
import { definitionOf } from "../../../sinks/providers/registry.js";
import { optionsOf, receiptsIn } from "../../support/providers.js";
import { receipt, settingsOf } from "./http-settings.js";

const url = "http://127.0.0.1:1";

describe("provider http", () => {
  const callback = (json: unknown, more: object = {}) => ({
    method: "POST",
    url: "/",
    headers: {},
    form: {},
    fields: {},
    json,
    body: Buffer.alloc(0),
    ...more,
  });
  const readWith = (how: object, json: unknown, more: object = {}) =>
    receiptsIn(
      definitionOf("http")?.callbacks?.read(callback(json, more), optionsOf("http", settingsOf(url, { receipt: { ...receipt, ...how } }))),
    );

  it("receipt: reads the receipts that the configuration describes", () => {
    const reader = definitionOf("http")?.callbacks;
    const read = (fields: Readonly<Record<string, string>>) =>
      receiptsIn(
        reader?.read(
          { method: "GET", url: "/", headers: {}, form: {}, fields, json: undefined, body: Buffer.alloc(0) },
          optionsOf("http", settingsOf(url)),
        ),
      );
    expect(read({ ref: "4711", state: "OK", when: "2026-11-22T10:00:00Z" })).toEqual([
      { providerMessageId: "4711", event: "delivered", statedAt: "2026-11-22T10:00:00Z" },
    ]);
    expect(read({ ref: "4711", state: "no", words: "unknown number" })).toEqual([
      { providerMessageId: "4711", event: "permanent_failure", reason: "recipient_rejected", detail: "unknown number" },
    ]);
    expect(read({ ref: "4711", state: "HUH" })).toMatchObject([{ event: "accepted", detail: "HUH: not a documented state" }]);
    expect(() => read({ state: "OK" })).toThrow("ref: is missing");
  });

  it("receipt: reads lists, at the root or under a path, and states that are numbers or booleans", () => {
    const both = [
      { ref: 1, state: "OK" },
      { ref: "2", state: "NO", words: "blocked" },
    ];
    const expected = [
      { providerMessageId: "1", event: "delivered" },
      { providerMessageId: "2", event: "permanent_failure", reason: "recipient_rejected", detail: "blocked" },
    ];
    expect(readWith({}, both)).toEqual(expected);
    expect(readWith({ list: "results" }, { results: both })).toEqual(expected);
    expect(readWith({ list: "data[0].reports" }, { data: [{ reports: both }] })).toEqual(expected);
    expect(readWith({ list: "result" }, { result: both[0] })).toEqual([expected[0]]);
    expect(readWith({ list: "results" }, { results: [] })).toEqual([]);
    const deep = {
      list: "results",
      id: "message.id",
      state: "status.group[0].ok",
      states: { true: { event: "delivered" }, "5": { event: "delayed" } },
    };
    const results = [
      { message: { id: 7 }, status: { group: [{ ok: true }] } },
      { message: { id: 8 }, status: { group: [{ ok: 5 }] } },
    ];
    expect(readWith(deep, { results })).toEqual([
      { providerMessageId: "7", event: "delivered" },
      { providerMessageId: "8", event: "delayed" },
    ]);
    const flat = {
      id: "id",
      state: "status",
      states: { true: { event: "delivered" }, false: { event: "permanent_failure", reason: "recipient_rejected" } },
    };
    expect(readWith(flat, { id: "a", status: true })).toEqual([{ providerMessageId: "a", event: "delivered" }]);
    expect(readWith(flat, { id: "a", status: false })).toMatchObject([{ event: "permanent_failure" }]);
    expect(readWith(flat, undefined, { fields: { id: "q", status: "true" } })).toEqual([{ providerMessageId: "q", event: "delivered" }]);
  });

  it.each([
    [{ list: "results" }, {}, "results: is not a list"],
    [{ list: "results" }, { results: "none" }, "results: is not a list"],
    [{ list: "results" }, { results: [{ ref: "1", state: "OK" }, { ref: "2" }] }, "results[1].state: is missing"],
    [{}, [{ state: "OK" }], "[0].ref: is missing"],
    [{}, [null], "[0].state: is missing"],
    [{}, { ref: { id: 1 }, state: "OK" }, "ref: is missing"],
    [{}, { ref: "x".repeat(501), state: "OK" }, "ref: is longer than 500 characters"],
    [{ id: "constructor.name" }, { state: "OK" }, "constructor.name: is missing"],
  ])("receipt: keeps an unreadable callback: %j, %j", (how, json, problem) => {
    expect(() => readWith(how, json)).toThrow(problem);
  });
});
