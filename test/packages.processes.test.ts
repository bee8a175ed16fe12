import { cpSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Consumer, createConsumer, packAll, type Tarballs } from "./support/packed.js";
import { carillonConsumer, clientConsumer, testingConsumer } from "./support/packed-consumers.js";
import { scratchFolder } from "./support/scratch.js";

const root = fileURLToPath(new URL("..", import.meta.url));
const node = process.execPath;
const setUpMs = 300_000;

/** Of the client: with its two libraries it installs three. */
const mostPackages = 15;
const mostImportMs = 150;
/** The fastest of several says what an import takes; the others, what else the machine does. */
const imports = 7;
/** On a machine on which its two libraries alone take most of that, it takes this many times their import at most. */
const mostOverLibraries = 1.7;

const scratch = scratchFolder();
let tarballs: Tarballs;
beforeAll(async () => {
  tarballs = await packAll(scratch.path);
}, setUpMs);
afterAll(() => scratch.remove(), setUpMs);

/** The complete programs on a page. */
const samplesIn = (page: string): readonly string[] => {
  const text = readFileSync(join(root, page), "utf8");
  return [...text.matchAll(/```ts\n([\s\S]*?)```/g)]
    .map(([, code = ""]) => code)
    .filter((code) => !/^const driver = .*topology/m.test(code));
};

describe("carillon-client, installed alone", () => {
  let consumer: Consumer;
  beforeAll(async () => {
    consumer = createConsumer(join(scratch.path, "client"));
    await consumer.install(tarballs["carillon-client"]);
  }, setUpMs);

  it(`installs at most ${mostPackages} packages: itself, avsc and kafkajs`, () => {
    const installed = consumer.installed();
    expect(installed.length).toBeLessThanOrEqual(mostPackages);
    expect([...installed].sort()).toEqual(["node_modules/avsc", "node_modules/carillon-client", "node_modules/kafkajs"]);
  });

  it("is compiled against by a strict consumer, checks messages, and says that nobody answers", async () => {
    consumer.write("consumer.ts", clientConsumer);
    for (const [index, sample] of samplesIn("packages/client/README.md").entries()) consumer.write(`sample-${index}.ts`, sample);
    await consumer.compile();
    await consumer.compile("bundler");
    const output = await consumer.run(node, ["built/consumer.js"]);
    expect(output).toContain("give ");
    expect(output).toMatch(/UNAVAILABLE content\S*invalid_content/);
  });

  it(`is imported within ${mostImportMs} ms`, async () => {
    const importMs = async (imported: string): Promise<number> => {
      const script = `const begin = performance.now(); await Promise.all([${imported}]); console.log(performance.now() - begin);`;
      return Number(await consumer.run(node, ["--input-type=module", "-e", script]));
    };
    let [clientMs, librariesMs] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
    for (let run = 0; run < imports; run += 1) {
      clientMs = Math.min(clientMs, await importMs('import("carillon-client")'));
      librariesMs = Math.min(librariesMs, await importMs('import("avsc"), import("kafkajs")'));
    }
    expect(clientMs).toBeLessThan(Math.max(mostImportMs, librariesMs * mostOverLibraries));
  });

  it("throws errors of a readable class, from readable lines: Node.js prints the line of an uncaught one", async () => {
    const script = 'import("carillon-client").then(({ CarillonError }) => console.log(CarillonError.name))';
    expect(await consumer.run(node, ["-e", script])).toBe("CarillonError\n");
    const dist = join(consumer.path, "node_modules/carillon-client/dist");
    const code = readdirSync(dist, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".js"));
    const lines = code.flatMap((name) => readFileSync(join(dist, name), "utf8").split("\n"));
    expect(lines.filter((line) => line.includes("throw") && line.length > 2_000)).toEqual([]);
  });

  it("holds no source maps, and the licences of what is bundled", () => {
    const folder = join(consumer.path, "node_modules/carillon-client");
    const files = readdirSync(folder, { recursive: true, encoding: "utf8" });
    expect(files.filter((name) => name.endsWith(".map"))).toEqual([]);
    expect(files).toEqual(expect.arrayContaining(["LICENSE", "README.md", "CHANGELOG.md", join("dist", "THIRD-PARTY-LICENSES.txt")]));
  });
});

describe("carillon-testing, installed alone", () => {
  it(
    "is compiled against by a strict consumer, and runs delivery and graphs of its own",
    async () => {
      const consumer = createConsumer(join(scratch.path, "testing"));
      await consumer.install(tarballs["carillon-testing"]);
      expect([...consumer.installed()].sort()).toEqual(["node_modules/carillon-testing", "node_modules/zod"]);
      consumer.write("consumer.ts", testingConsumer);
      const samples = samplesIn("packages/testing/README.md");
      for (const [index, sample] of samples.entries()) consumer.write(`sample-${index}.ts`, sample);
      await consumer.compile();
      await consumer.compile("bundler");
      for (const index of samples.keys()) expect(await consumer.run(node, [`built/sample-${index}.js`])).toBe("");
      const output = await consumer.run(node, ["built/consumer.js"]);
      expect(output).toContain("delivered Hello Ann");
      expect(output).toContain("to is not");
      expect(output).toContain("tick-1");
    },
    setUpMs,
  );
});

/** How each example is run in a folder where the packages are installed, by the example's folder. */
const examples: Readonly<Record<string, (consumer: Consumer) => Promise<void>>> = {
  "00-demo": async ({ run }) => expect(await run(node, ["examples/00-demo/demo.mjs"])).toContain("5 messages: 4 delivered, 1 failed"),
  "01-send-over-http": async ({ start, run, path }) => {
    const { url, stop } = await start({ CARILLON_DATA_DIR: join(path, "01"), CARILLON_PORT: "0" });
    try {
      expect(await run("bash", ["examples/01-send-over-http/run.sh"], { CARILLON_URL: url })).toContain("delivered");
    } finally {
      await stop();
    }
  },
  "02-import-a-batch": async ({ run, path }) => {
    const output = await run("bash", ["examples/02-import-a-batch/run.sh"], { CARILLON_DATA_DIR: join(path, "02") });
    expect(output).toContain("5 accepted");
    expect(output).toContain("5 records queued");
  },
  "03-templates": async ({ start, run, path }) => {
    const env = { CARILLON_DATA_DIR: join(path, "03"), CARILLON_PORT: "0" };
    const { stop } = await start(env, "--config", "examples/03-templates/carillon.yaml");
    try {
      expect(await run("bash", ["examples/03-templates/run.sh"], env)).toContain("Dear Ada, it arrives tomorrow.");
    } finally {
      await stop();
    }
  },
  // its message reaches a broker in test/examples.servers.test.ts
  "04-service-with-client": async ({ run }) =>
    expect(await run(node, ["--check", "built/examples/04-service-with-client/service.mjs"])).toBe(""),
  "05-test-a-topology": async ({ run }) =>
    expect(await run(node, ["built/examples/05-test-a-topology/retry.mjs"])).toContain("was delivered"),
  "06-add-a-provider": async ({ run }) =>
    expect(await run(node, ["built/examples/06-add-a-provider/provider.mjs"])).toContain("delivered by printer"),
  "07-add-a-stage": async ({ run }) => expect(await run(node, ["built/examples/07-add-a-stage/stage.mjs"])).toContain("one virtual day"),
  "08-add-a-channel": async ({ run }) =>
    expect(await run(node, ["built/examples/08-add-a-channel/channel.mjs"])).toContain("voice to +14155550100: delivered"),
  "09-add-a-store-adapter": async ({ run }) =>
    expect(await run(node, ["built/examples/09-add-a-store-adapter/adapter.mjs"])).toContain("delivered; its receipt found the message"),
  "10-service-over-http": async ({ start, run, path }) => {
    const { url, stop } = await start({ CARILLON_DATA_DIR: join(path, "10"), CARILLON_PORT: "0" });
    try {
      expect(await run(node, ["built/examples/10-service-over-http/service.mjs"], { CARILLON_URL: url })).toContain("Carillon accepted ");
    } finally {
      await stop();
    }
  },
  // its message is delivered in test/end-to-end/tenant-permissions.servers.test.ts
  "11-tenant-with-kafka-access": async ({ run }) => {
    expect(await run(node, ["--check", "built/examples/11-tenant-with-kafka-access/service.mjs"])).toBe("");
    expect(await run("bash", ["-n", "examples/11-tenant-with-kafka-access/permissions.sh"])).toBe("");
  },
};

const exampleFolders = readdirSync(join(root, "examples"), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

describe("carillon, installed alone, then with the others", () => {
  let consumer: Consumer;
  beforeAll(async () => {
    consumer = createConsumer(join(scratch.path, "carillon"));
    await consumer.install(tarballs.carillon);
  }, setUpMs);

  it(
    "is compiled against by a strict consumer, and runs",
    async () => {
      expect(consumer.installed()).not.toContain("node_modules/carillon-client");
      consumer.write("consumer.ts", carillonConsumer);
      for (const [index, sample] of samplesIn("docs/embedding.md").entries()) consumer.write(`sample-${index}.ts`, sample);
      await consumer.compile();
      await consumer.compile("bundler");
      expect(await consumer.run(node, ["built/consumer.js"])).toContain("function function function embedded");
    },
    setUpMs,
  );

  describe("the examples", () => {
    beforeAll(async () => {
      await consumer.install(tarballs["carillon-client"], tarballs["carillon-testing"]);
      consumer.copy("examples");
      await consumer.compile();
    }, setUpMs);

    it("run as TypeScript in a folder that npm init made, as their page says", async () => {
      const folder = join(consumer.path, "by-npm-init");
      mkdirSync(folder);
      consumer.write("by-npm-init/package.json", '{"name":"by-npm-init","version":"1.0.0","type":"commonjs"}');
      cpSync(join(consumer.path, "node_modules/carillon/examples"), join(folder, "examples"), { recursive: true });
      const tsx = pathToFileURL(join(root, "node_modules/tsx/dist/loader.mjs")).href;
      const output = await consumer.run(node, ["--import", tsx, "by-npm-init/examples/05-test-a-topology/retry.mts"]);
      expect(output).toContain("was delivered");
    });

    it.each(exampleFolders)("%s", async (name) => {
      const runIt = examples[name];
      if (!runIt) throw new Error(`say in test/packages.processes.test.ts how ${name} is run`);
      await runIt(consumer);
    });
  });
});
