import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type CopiedTree, copyTree } from "../support/copied-tree.js";
import { eventually } from "../support/eventually.js";

/** The hand-written source of a channel. */
const voice = `import { z } from "zod";
import { defineChannel } from "../channel-definition.js";
import { readPhoneNumber } from "../phone-number.js";
import { isRefusal } from "../refusal.js";

const hourMs = 3_600_000;

export const voice = defineChannel({
  label: "voice",
  recipient: {
    wanted: "a phone number to call",
    docs: ["Calls go to phone numbers."],
    check: (to) => {
      const read = readPhoneNumber(to);
      return isRefusal(read) ? read : { to: read.number };
    },
    isDifferentRecipient: (recipient, named) => recipient !== named,
  },
  sender: {
    read: (text) => {
      const read = readPhoneNumber(text);
      return isRefusal(read) ? read : { from: read.number, identity: read.number };
    },
  },
  content: { parts: ["title", "text"], requiresOneOf: ["text"], maxBytes: ({ voiceBytes }) => voiceBytes },
  limits: { voiceBytes: z.number().int().min(1).default(2_000).describe("most bytes of one call's text") },
  options: { language: z.string().default("en").describe("voice: language of the call") },
  defaults: { expiresAfterMs: hourMs, receiptDeadlineMs: hourMs, retryBaseMs: 2_000 },
  form: { fields: [{ part: "text", label: "Words" }], preview: "phone" },
  sandbox: { example: "+14155550100", doc: "voice by the last four digits", matches: (to, { digits }) => to.endsWith(digits) },
});
`;

/** A content field, in the list of them. */
const summary = '  summary: words({ doc: "what the call is about" }),\n';

/** The files that `npm run generate` writes. */
const generated = [
  "README.md",
  "channels/generated.ts",
  "client/generated.ts",
  "config/default.yaml",
  "docs/command-line.md",
  "docs/messages.md",
  "docs/openapi.json",
  "docs/operating/scaling.md",
  "docs/reference.md",
  "helm/values.schema.json",
  "helm/values.yaml",
  "schemas/dispatch-command.avsc",
  "schemas/generated.ts",
  "schemas/provider-receipt.avsc",
];

interface View {
  readonly id: string;
  readonly status: string;
  readonly channel: string;
}

describe("a new channel", () => {
  let tree: CopiedTree;
  const changed: Record<string, string[]> = {};
  const read = (file: string): string => readFileSync(join(tree.path, file), "utf8");

  beforeAll(() => {
    tree = copyTree();
    tree.write("channels/types/voice.ts", voice);
    tree.run("npm", "run", "--silent", "generate");
    changed.channel = tree.changed();
    tree.write("channels/content-fields.ts", read("channels/content-fields.ts").replace("  data: map(", `${summary}  data: map(`));
    tree.write("channels/types/voice.ts", voice.replace('["title", "text"]', '["title", "text", "summary"]'));
    tree.run("npm", "run", "--silent", "generate");
    changed.field = tree.changed();
    tree.build();
  }, 400_000);
  afterAll(() => tree.remove());

  it("is one file and what is generated from it", () => {
    expect(changed.channel?.filter((file) => !generated.includes(file))).toEqual(["channels/types/voice.ts"]);
  });

  it("may bring a field of content, which is one line and what is generated from it", () => {
    const withContent = ["schemas/message-requested.avsc", "schemas/fallback-event.avsc"];
    const byHand = changed.field?.filter((file) => ![...generated, ...withContent].includes(file));
    expect(byHand).toEqual(["channels/content-fields.ts", "channels/types/voice.ts"]);
    expect(read("schemas/generated.ts")).toContain("readonly summary: null | string;");
    expect(read("docs/messages.md")).toContain("voice: what the call is about");
  });

  it("compiles with the whole tree, its tests and the console's page", () => {
    tree.run("npx", "tsc", "-p", "tsconfig.json");
    tree.run("npx", "tsc", "-p", "console/page");
  }, 240_000);

  it("passes the checks of sources", () => {
    tree.run("npx", "biome", "check", "channels", "schemas", "config");
  });

  it("has its keys in the reference, the default configuration and the page of fields", () => {
    expect(read("docs/reference.md")).toContain('| `channels.voice.language` | `"en"` | voice: language of the call |');
    expect(read("docs/reference.md")).toContain("| `limits.voiceBytes` | `2000` | most bytes of one call's text |");
    expect(read("config/default.yaml")).toMatch(/^ {2}voice:$/m);
    expect(read("docs/messages.md")).toContain("email, sms, push or voice");
    expect(read("docs/messages.md")).toContain("- Calls go to phone numbers.");
  });

  it("has queues in the topology, and workers of the chart that consume them", () => {
    const topology = tree.carillon("topology");
    for (const topic of ["dispatch.voice.critical", "dispatch.voice.bulk", "receipts.voice"]) expect(topology).toContain(topic);
    expect(read("helm/values.yaml")).toContain("dispatch/dispatch.push.bulk, dispatch/dispatch.voice.bulk]");
    expect(read("helm/values.yaml")).toContain("respond/receipts.push, respond/receipts.voice, fallback/fallbacks]");
  });

  it("delivers messages over HTTP, keeps their lineage in a collection of its own, and refuses what its file refuses", async () => {
    const carillon = await tree.start();
    const ask = (path: string, init: RequestInit = {}): Promise<Response> =>
      fetch(`${carillon.url}${path}`, { ...init, signal: AbortSignal.timeout(10_000) });
    const post = (to: string) =>
      ask("/v1/messages", {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ channel: "voice", to, content: { text: "Your code is 1 2 3", summary: "Sign in" } }),
      });
    try {
      const refused = await post("nobody");
      expect(refused.status).toBe(400);
      const { id } = (await (await post("+1 415 555 0100")).json()) as View;
      const failing = (await (await post("+14155550101")).json()) as View;
      const statusOf = async (of: string): Promise<View> => (await (await ask(`/v1/messages/${of}`)).json()) as View;
      const final = await eventually(
        () => statusOf(id),
        ({ status }) => status === "delivered",
        30_000,
      );
      expect(final.channel).toBe("voice");
      await eventually(
        () => statusOf(failing.id),
        ({ status }) => status === "failed",
        30_000,
      );
      const documents = (await (await ask("/reports/messages_voice")).json()) as { readonly _id: string; readonly to: string }[];
      expect(documents.map(({ _id, to }) => ({ _id, to }))).toContainEqual({ _id: id, to: "+14155550100" });
      const outbox = (await (await ask("/sandbox/outbox/voice")).json()) as {
        readonly items: readonly { readonly content: { readonly text: string; readonly summary: string } }[];
      };
      expect(outbox.items.map(({ content: { text, summary: about } }) => [text, about])).toEqual([["Your code is 1 2 3", "Sign in"]]);
      const about = (await (await ask("/console/api/about")).json()) as { readonly channels: readonly { readonly name: string }[] };
      expect(about.channels).toContainEqual(
        expect.objectContaining({ name: "voice", example: "+14155550100", fields: [{ part: "text", label: "Words" }] }),
      );
    } finally {
      await carillon.stop();
    }
  }, 120_000);
});
