import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import avro from "avsc";
import { describe, expect, it } from "vitest";
import { generateTypes, schemasFolder } from "../../schemas/generate.js";
import { reasons } from "../../schemas/reasons.js";

const read = (path: string): avro.Schema => JSON.parse(readFileSync(path, "utf8")) as avro.Schema;
const names = readdirSync(schemasFolder).filter((name) => name.endsWith(".avsc"));

describe("schemas", () => {
  it("are those that the contract names", () => {
    expect(names.sort()).toEqual([
      "dead-letter.avsc",
      "delivery-feedback.avsc",
      "dispatch-command.avsc",
      "fallback-event.avsc",
      "lineage-event.avsc",
      "message-requested.avsc",
      "provider-receipt.avsc",
      "webhook-delivery.avsc",
    ]);
  });

  it("have types generated from them (npm run generate)", () => {
    expect(readFileSync(join(schemasFolder, "generated.ts"), "utf8")).toBe(generateTypes(schemasFolder));
  });

  it.each(readdirSync(join(schemasFolder, "released")))("%s reads records of the last released version", (name) => {
    const released = avro.Type.forSchema(read(join(schemasFolder, "released", name)));
    const current = avro.Type.forSchema(read(join(schemasFolder, name)));
    expect(() => current.createResolver(released)).not.toThrow();
    const record = released.random();
    expect(() => current.fromBuffer(released.toBuffer(record), current.createResolver(released))).not.toThrow();
  });

  it("would be refused when a field without a default is added", () => {
    const schema = read(join(schemasFolder, "message-requested.avsc")) as { fields: object[] };
    const breaking = avro.Type.forSchema({ ...schema, fields: [...schema.fields, { name: "needed", type: "string" }] } as avro.Schema);
    expect(() => breaking.createResolver(avro.Type.forSchema(read(join(schemasFolder, "released", "message-requested.avsc"))))).toThrow();
  });

  it("name every field in words", () => {
    for (const name of names) {
      const { fields } = read(join(schemasFolder, name)) as { fields: { name: string; doc?: string }[] };
      expect(fields.filter(({ doc }) => !doc)).toEqual([]);
    }
  });
});

describe("reasons", () => {
  it("are a closed list, each with its meaning", () => {
    for (const [reason, meaning] of Object.entries(reasons)) {
      expect(reason).toMatch(/^[a-z_]+$/);
      expect(meaning.length).toBeGreaterThan(10);
    }
  });
});
