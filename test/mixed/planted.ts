import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** The planted build's additions, which no other build supports. */
export const planted = { channel: "pigeon", stage: "weigh" } as const;

const { channel, stage } = planted;

const definition = `import { defineChannel } from "../channel-definition.js";

export const ${channel} = defineChannel({
  label: "${channel}",
  recipient: { wanted: "a loft", docs: [], check: (to) => ({ to }), isDifferentRecipient: () => false },
  sender: { read: (from) => ({ from, identity: from }) },
  content: { parts: ["text"], requiresOneOf: ["text"] },
  limits: {},
  options: {},
  defaults: { expiresAfterMs: 3_600_000, receiptDeadlineMs: 3_600_000, retryBaseMs: 300 },
  form: { fields: [{ part: "text", label: "Text" }], preview: "phone" },
  sandbox: { example: "loft-success", doc: "by its end", matches: (to, { name }) => to.endsWith(name) },
});
`;

interface Edit {
  readonly file: string;
  /** A text that occurs exactly once. */
  readonly find: string;
  readonly put: string;
}

/** The stage's name, recorded by route as a separate step. */
const edits: readonly Edit[] = [
  { file: "schemas/lineage-event.avsc", find: '          "route",', put: `          "route",\n          "${stage}",` },
  { file: "stores/lineage-store/fold.ts", find: "  route: 3,", put: `  route: 3,\n  ${stage}: 3,` },
  {
    file: "processors/route.ts",
    find: '    else context.emit("dispatch", command);',
    put: `    else context.emit("dispatch", command);
    context.emit("lineage", lineageOf(context, command, { stage: "${stage}", outcome: "ok", attempt: 0 }));`,
  },
];

/** Turns the tree in `folder` into a later version; `npm run generate` follows. Throws if an edit no longer fits the sources. */
export const plant = (folder: string): void => {
  writeFileSync(join(folder, "channels", "types", `${channel}.ts`), definition);
  for (const { file, find, put } of edits) {
    const path = join(folder, file);
    const parts = readFileSync(path, "utf8").split(find);
    if (parts.length !== 2) throw new Error(`${file} has changed: test/mixed/planted.ts looks for ${JSON.stringify(find)}`);
    writeFileSync(path, parts.join(put));
  }
};
