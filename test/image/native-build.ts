import { cp, mkdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { runCommand } from "../servers/shell.js";

/** The result of a Dockerfile, built without an engine: the last stage's files in a folder, and the command of its process. */
export interface NativeImage {
  /** The folder with the image's files at their paths. */
  readonly root: string;
  readonly workdir: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly user: string;
  readonly command: readonly string[];
  readonly healthCheck: readonly string[];
}

interface Instruction {
  readonly name: string;
  readonly rest: string;
}

const instructionsOf = (text: string): Instruction[] =>
  text
    .replaceAll(/\\\n/g, " ")
    .split("\n")
    .filter((line) => line.trim() !== "" && !line.startsWith("#"))
    .map((line) => {
      const [name = "", ...rest] = line.trim().split(" ");
      return { name, rest: rest.join(" ").trim() };
    });

interface Stage {
  readonly name: string;
  readonly root: string;
  workdir: string;
  readonly environment: Record<string, string>;
  user: string;
  entrypoint: string[];
  command: string[];
  healthCheck: string[];
}

const list = (text: string): string[] => JSON.parse(text.slice(text.indexOf("["))) as string[];

/** Copies like COPY, including times: single files into a folder, or a folder's content into a folder. */
const copy = async (rest: string, stage: Stage, stages: readonly Stage[], files: readonly string[], context: string): Promise<void> => {
  const words = rest.split(" ");
  const from = words[0]?.startsWith("--from=") ? words.shift()?.slice("--from=".length) : undefined;
  const target = words.pop() ?? ".";
  const base = join(stage.root, target.startsWith("/") ? target : join(stage.workdir, target));
  const origin = from === undefined ? context : (stages.find(({ name }) => name === from)?.root ?? "");
  for (const word of words) {
    if (word === ".") {
      for (const file of files) await cp(join(context, file), join(base, file), { preserveTimestamps: true });
      continue;
    }
    const isFolder = !target.endsWith("/") && target !== ".";
    const place = isFolder ? base : join(base, word.split("/").at(-1) ?? "");
    await mkdir(dirname(place), { recursive: true });
    await runCommand("cp", ["-a", join(origin, word), place]);
  }
};

const apply = async (
  { name, rest }: Instruction,
  stage: Stage,
  stages: readonly Stage[],
  files: readonly string[],
  context: string,
): Promise<void> => {
  switch (name) {
    case "WORKDIR":
      stage.workdir = rest;
      await mkdir(join(stage.root, rest), { recursive: true });
      return;
    case "COPY":
      return copy(rest, stage, stages, files, context);
    case "RUN":
      // the volume's folder belongs to the machine here, not to the image
      if (!rest.startsWith("mkdir /data"))
        await runCommand("sh", ["-c", rest], { cwd: join(stage.root, stage.workdir), timeoutMs: 300_000 });
      return;
    case "ENV":
      for (const pair of rest.split(" ")) stage.environment[pair.split("=")[0] ?? ""] = pair.slice(pair.indexOf("=") + 1);
      return;
    case "USER":
      stage.user = rest;
      return;
    case "ENTRYPOINT":
      stage.entrypoint = list(rest);
      return;
    case "CMD":
      stage.command = list(rest);
      return;
    case "HEALTHCHECK":
      stage.healthCheck = list(rest);
      return;
    case "VOLUME":
    case "EXPOSE":
      return;
    default:
      throw new Error(`the Dockerfile has ${name}, which this does not know`);
  }
};

/** Runs the build steps of a Dockerfile one by one. `files` are the context's files that .dockerignore allows. */
export const buildNatively = async (
  dockerfile: string,
  context: string,
  files: readonly string[],
  folder: string,
): Promise<NativeImage> => {
  const stages: Stage[] = [];
  for (const instruction of instructionsOf(await readFile(dockerfile, "utf8"))) {
    if (instruction.name === "FROM") {
      const name = / AS (\S+)$/i.exec(instruction.rest)?.[1] ?? "last";
      const root = join(folder, name);
      await mkdir(root, { recursive: true });
      stages.push({ name, root, workdir: "/", environment: {}, user: "root", entrypoint: [], command: [], healthCheck: [] });
      continue;
    }
    const stage = stages.at(-1);
    if (!stage) throw new Error(`${instruction.name} comes before any FROM`);
    await apply(instruction, stage, stages, files, context);
  }
  const last = stages.at(-1);
  if (!last) throw new Error("the Dockerfile has no FROM");
  return {
    root: last.root,
    workdir: join(last.root, last.workdir),
    environment: last.environment,
    user: last.user,
    command: [...last.entrypoint, ...last.command],
    healthCheck: last.healthCheck,
  };
};
