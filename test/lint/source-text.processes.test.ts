import { describe, expect, it } from "vitest";
import { checkSource } from "./planted.js";

const pure = ["schemas", "channels", "engine", "processors", "topology"];

/** One file per text, in each of the folders. */
const planted = (folders: readonly string[], texts: readonly string[], name: string) =>
  folders.flatMap((folder) => texts.map((text, index) => [`${folder}/${name}${index}.ts`, `${text}\n`] as const));

describe("the lint of pure folders", () => {
  const impure = [
    ...["Date.now()", "new Date()", "new Date", "Date()", 'Date["now"]()', "Date.now?.()", "Date?.now()", "[1].map(Date.now)"],
    ...[
      "globalThis.Date.now()",
      "new (Date)()",
      "new Date(...[])",
      "(Date as typeof Date).now()",
      "Reflect.construct(Date, [])",
      "{ Date }",
    ],
    ...["new Date(Date.now())", "Date[`now`]()", "Date.parse", "new Intl.DateTimeFormat().format()", "new Date(0).constructor"],
    ...["performance.now()", "performance.timeOrigin", 'performance["now"]()', "[performance]", "{ performance }"],
    ...[
      "AbortSignal.timeout(1)",
      "setTimeout(() => 1, 1)",
      "setInterval(() => 1, 1)",
      "setImmediate(() => 1)",
      "clearTimeout",
      "[setTimeout]",
    ],
    ...["Math.random()", "Math.random", 'Math["random"]()', "Math?.random()", "[Math]", "[1].map(Math.random)", 'Math["ran" + "dom"]()'],
    ...["crypto.randomUUID()", "crypto.getRandomValues(new Uint8Array(1))", "globalThis.crypto", "global.crypto"],
    ...[
      "process.env",
      "process.env.HOME",
      'process["env"]',
      "process?.env",
      "process.hrtime()",
      "process.argv",
      "process.pid",
      "[process]",
    ],
    ...["globalThis.process.env", 'globalThis["process"]', "eval", 'Function("return Date.now()")()', 'fetch("http://localhost")'],
  ].map((read) => `export const one = () => (${read});`);
  const statements = [
    "const { now } = Date;\nexport const one = now;",
    "const D = Date;\nexport const one = new D();",
    "const { random } = Math;\nexport const one = random;",
    "const { random: chance } = Math;\nexport const one = chance;",
    "const { env } = process;\nexport const one = env;",
    "const { process: own } = globalThis;\nexport const one = own;",
    "let now;\n({ now } = Date);\nexport const one = now;",
    "export class One extends Date {}",
    "export const one = (at = Date.now()) => at;",
    "export enum One {\n  Now = Date.now(),\n}",
    "export class One {\n  readonly at = Date.now();\n}",
    "export class One {\n  static {\n    performance.mark('one');\n  }\n}",
    "export { Date as One };",
    "export default Date;",
    "export const one = `${" + "process.env}`;",
  ];

  it("fails on each spelling of clock, chance and environment", async () => {
    const files = planted(pure, [...impure, ...statements], "impure");
    const { failed, output } = await checkSource(Object.fromEntries(files));
    expect(failed).toBe(true);
    const told = new Set(output.split("\n").map((line) => line.split(": ")[0]));
    expect(files.filter(([path]) => !told.has(path))).toEqual([]);
  });

  it("lets through what depends on its arguments alone, words, and types", async () => {
    const texts = [
      "export const one = (ms: number) => new Date(ms).toISOString();",
      'export const one = (text: string) => [Date.parse(text), Date.UTC(2026, 0), new Date("2026-01-01")];',
      "export const one = (of: unknown): of is Date => of instanceof Date;",
      "export const one = (at: Date, signal: AbortSignal, timer: NodeJS.Timeout) => [at, signal.aborted, timer];",
      "export type One = typeof Date | ReturnType<typeof setTimeout> | typeof globalThis;",
      "export interface One {\n  process(performance: number): Date;\n}",
      "export const one = { process: 1, Date: 2, performance: 3, crypto() {}, get setTimeout() { return 1; } };",
      "export const one = (of: { process: { env: string }; now(): number; Date: string }) => [of.process.env, of.now(), of?.Date];",
      "export const one = ({ process: step }: { process: number }) => step;",
      "export class One {\n  readonly performance = 1;\n  process() {\n    return this.performance;\n  }\n}",
      'export const one = [Math.max(1, 2), Math.PI, Math["floor"](1.5), Number.isInteger(1), JSON.stringify({}), new Map(), Buffer.alloc(1)];',
      "// Date.now() and process.env in words\nexport const one = 'process.env';",
      "export const one = new AbortController();",
    ];
    const { failed, output } = await checkSource(Object.fromEntries(planted(pure, texts, "pure")));
    expect(failed, output).toBe(false);
  });

  it("lets the folders that are not pure read clock and environment, and a generator its command line", async () => {
    const text = "export const one = [Date.now(), process.env, Math.random()];\n";
    const generator = "export const one = process.argv[1];\n";
    const { failed, output } = await checkSource({ "stores/one.ts": text, "cli/one.ts": text, "schemas/generate.ts": generator });
    expect(failed, output).toBe(false);
  });
});

describe("the lint of what pure folders import", () => {
  it("fails on each way to a value that may read the clock", async () => {
    const texts = [
      'import { systemClock } from "../stores/clock.js";\nexport const one = systemClock;',
      'import { type Clock, systemClock } from "../stores/clock.js";\nexport const one: Clock = systemClock;',
      'import { checkMessage as check } from "../client/check-message.js";\nexport const one = check;',
      'import { completeMessage, traceparentOf } from "../client/complete-message.js";\nexport const one = [completeMessage, traceparentOf];',
      'import * as clock from "../stores/clock.js";\nexport const one = clock;',
      'import clock from "../stores/clock.js";\nexport const one = clock;',
      'export { systemClock } from "../stores/clock.js";',
      'export { checkMessage as checkStored } from "../client/check-message.js";',
      'export * from "../stores/clock.js";',
      'export * as keys from "../stores/keys.js";',
      'export const one = () => import("../stores/clock.js");',
      'import { loadConfig } from "../service/load-config.js";\nexport const one = loadConfig;',
      'import "../stores/clock.js";',
    ];
    const files = planted(["engine", "processors", "topology"], texts, "one");
    const { failed, output } = await checkSource(Object.fromEntries(files));
    expect(failed).toBe(true);
    const told = new Set(output.split("\n").map((line) => line.split(": takes ")[0]));
    expect(files.filter(([path]) => !told.has(path))).toEqual([]);
  });

  it("lets through types, other pure folders, and what is lent", async () => {
    const texts = [
      'import type { Clock } from "../stores/clock.js";\nexport const one = (clock: Clock) => clock;',
      'import { type Clock } from "../stores/clock.js";\nexport const one = (clock: Clock) => clock;',
      'export type { Clock } from "../stores/clock.js";',
      'import { keys } from "../stores/keys.js";\nimport { checkStored as check } from "../client/check-message.js";\nexport const one = [keys, check];',
      'import { reasons } from "../schemas/reasons.js";\nexport const one = reasons;',
    ];
    const { failed, output } = await checkSource(Object.fromEntries(planted(["processors", "topology"], texts, "one")));
    expect(failed, output).toBe(false);
  });
});

describe("the lint of who appends", () => {
  const folders = [
    "channels",
    "wire",
    "config",
    "access",
    "processors",
    "sinks",
    "topology",
    "sources",
    "operations",
    "reports",
    "directory",
    "http",
    "service",
    "cli",
  ];

  it("fails on an append to the log outside of the engine, the client and the adapters", async () => {
    const texts = [
      "export const one = (stores) => stores.log.append([]);",
      'export const one = (stores) => stores["log"]["append"]([]);',
      "export const one = (stores) => stores?.log?.append?.([]);",
      "export const one = ({ log }) => log.append([]);",
      "export const one = ({ log: other }) => other.append([]);",
      "export const one = ({ log: writer }) => writer.append([]);",
      "export const one = (stores) => {\n  const writer = stores.log;\n  return writer.append([]);\n};",
      "export const one = (stores) => {\n  const { append } = stores.log;\n  return append([]);\n};",
      "export const one = (stores) => {\n  const { append: put } = stores.log;\n  return put([]);\n};",
      "export const one = (stores) => ({ append: stores.log.append });",
      "export const one = (stores) => stores.log.append.bind(stores.log);",
      "export const one = (stores) => (stores.log as never)!.append([]);",
      "export const one = (stores) => ({ writer: stores.log });",
    ];
    const files = [...planted(folders, texts, "one"), ["client/other.ts", texts[0] ?? ""] as const];
    const { failed, output } = await checkSource(Object.fromEntries(files));
    expect(failed).toBe(true);
    for (const [path] of files) expect(output).toContain(`${path}: append by a writer that the graph declares (engine/outlet.ts)`);
  });

  it("lets writers append, and the engine, the client and the adapters to the log", async () => {
    const text = "export const one = (stores) => stores.log.append([]);\n";
    const { failed, output } = await checkSource({
      "engine/one.ts": text,
      "stores/event-log/one.ts": text,
      "client/kafka-transport.ts": text,
      "sources/one.ts":
        'export const one = (writer, writers) => [writer.append([]), writer.to("a").append([]), writers("b").append([])];\n',
      "service/one.ts": "export const one = (stores, log) => [stores.log.close(), log.ensureTopics([])];\n",
    });
    expect(failed, output).toBe(false);
  });
});
