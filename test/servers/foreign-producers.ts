import { copyFile, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { kafka } from "./kafka.js";
import { folderOf } from "./provision.js";
import { installPythonTools } from "./python-tools.js";
import { aptInstall, cacheFolder, exists, hasCommand, runCommand, withLock } from "./shell.js";

const source = (name: string): string => fileURLToPath(new URL(`../end-to-end/foreign/${name}`, import.meta.url));

export interface ForeignRecord {
  readonly codec: string;
  readonly key: string;
  readonly value: Buffer;
}

/** A producer that shares no code with Carillon. Adds a null, an empty, a repeated and a huge header to each record. */
export interface ForeignProducer {
  readonly codecs: readonly string[];
  send(brokers: string, topic: string, records: readonly ForeignRecord[]): Promise<void>;
}

const codecs = ["none", "gzip", "snappy", "lz4", "zstd"];

const linesOf = (records: readonly ForeignRecord[]): string =>
  records.map(({ codec, key, value }) => `${codec} ${Buffer.from(key).toString("base64")} ${value.toString("base64")}\n`).join("");

const byInput = (command: string, args: readonly string[], more: readonly string[] = []): ForeignProducer => ({
  codecs: [...codecs, ...more],
  send: async (brokers, topic, records) => {
    await runCommand(command, [...args, brokers, topic], { input: linesOf(records), timeoutMs: 120_000 });
  },
});

const franzVersion = "v1.18.1";

const installGo = async (): Promise<ForeignProducer> => {
  const folder = join(cacheFolder(), "franz-go");
  await mkdir(folder, { recursive: true });
  const program = join(folder, `producer-${franzVersion}`);
  await withLock(folder, async () => {
    await copyFile(source("producer.go"), join(folder, "main.go"));
    if (await exists(program)) return;
    await rm(join(folder, "go.mod"), { force: true });
    await runCommand("go", ["mod", "init", "foreign"], { cwd: folder });
    await runCommand("go", ["get", `github.com/twmb/franz-go/pkg/kgo@${franzVersion}`], { cwd: folder });
    await runCommand("go", ["build", "-o", program, "main.go"], { cwd: folder });
  });
  return byInput(program, [], ["default"]);
};

/** Kafka's own client is in the broker's jars; Java runs a single source file directly. */
const installJava = async (): Promise<ForeignProducer> => {
  const folder = folderOf(kafka);
  await mkdir(folder, { recursive: true });
  await withLock(folder, () => kafka.install(folder));
  return byInput("java", ["-Xmx256m", "-cp", join(folder, "lib", "*"), source("Producer.java")]);
};

const installKcat = async (): Promise<ForeignProducer> => {
  if (!(await hasCommand("kcat"))) await aptInstall("kcat");
  return {
    codecs,
    send: async (brokers, topic, records) => {
      const folder = await mkdtemp(join(tmpdir(), "carillon-kcat-"));
      try {
        for (const { codec, key, value } of records) {
          const file = join(folder, codec);
          await writeFile(file, value);
          const headers = ["none", "empty=", "twice=first", "twice=last", `huge=${"x".repeat(60_000)}`].flatMap((header) => ["-H", header]);
          await runCommand("kcat", ["-P", "-b", brokers, "-t", topic, "-k", key, "-z", codec, ...headers, file], { timeoutMs: 60_000 });
        }
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    },
  };
};

/** Installs each producer once into the cached folder. */
export const foreignProducers: Readonly<Record<string, () => Promise<ForeignProducer>>> = {
  Java: installJava,
  Go: installGo,
  Python: async () => byInput(await installPythonTools(), [source("producer.py")]),
  kcat: installKcat,
};
