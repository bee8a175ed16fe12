import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { assertExport, channelNames, generateList, withChannels } from "../../channels/generate.js";
import { channelDefinitions } from "../../channels/generated.js";
import { channels } from "../../schemas/vocabulary.js";

const root = new URL("../../", import.meta.url);

describe("the list of channels", () => {
  it("is generated from the files in channels/types (npm run generate)", () => {
    const names = channelNames(readdirSync(new URL("channels/types", root)), ["email", "sms", "push"]);
    expect(channels).toEqual(names);
    expect(readFileSync(new URL("channels/generated.ts", root), "utf8")).toBe(generateList(names));
  });

  it.each(["dispatch-command", "provider-receipt"])("is the enum of channels in %s", (record) => {
    const schema = JSON.parse(readFileSync(new URL(`schemas/${record}.avsc`, root), "utf8")) as object;
    expect(schema).toEqual(withChannels(schema, channels));
    expect(withChannels(schema, ["other"])).not.toEqual(schema);
  });

  it("keeps released channels first, in their order, so that symbols are only added", () => {
    expect(channelNames(["voice.ts", "sms.ts", "email.ts", "chat.ts"], ["email", "sms"])).toEqual(["email", "sms", "chat", "voice"]);
  });

  it("refuses to lose a released channel, and names that topics and collections cannot carry", () => {
    expect(() => channelNames(["sms.ts"], ["email", "sms"])).toThrow(
      "channels/types/email.ts is missing: a released channel cannot be removed",
    );
    for (const name of ["Voice", "voice-call", "other", "1st"])
      expect(() => channelNames([`${name}.ts`], [])).toThrow(`channels/types/${name}.ts: name a channel in small letters`);
  });

  it("refuses names that no constant can have, or that every object has, and exports by another name", () => {
    for (const name of ["class", "default", "delete"])
      expect(() => channelNames([`${name}.ts`], [])).toThrow(`channels/types/${name}.ts: ${name} is a reserved word of JavaScript: rename`);
    expect(() => channelNames(["constructor.ts"], [])).toThrow("every object has a property constructor: rename the file");
    expect(() => assertExport("fax", "export const facsimile = defineChannel({});")).toThrow("channels/types/fax.ts exports no fax: write");
    expect(() => assertExport("fax", "export const fax = defineChannel({});")).not.toThrow();
  });

  it("has no two own keys of one name, since limits hold all of them side by side", () => {
    const keys = Object.values(channelDefinitions).flatMap(({ limits, options }) => [...Object.keys(limits), ...Object.keys(options)]);
    expect(new Set(keys).size).toBe(keys.length);
  });
});
