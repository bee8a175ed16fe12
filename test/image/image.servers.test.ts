import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, chownSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { exists, freePort, runCommand } from "../servers/shell.js";
import { eventually } from "../support/eventually.js";
import { scratchFolder } from "../support/scratch.js";
import { buildNatively, type NativeImage } from "./native-build.js";

/** Runs the image's build steps natively, without a container engine. */

const root = fileURLToPath(new URL("../..", import.meta.url));
const folder = scratchFolder();
const nodeUser = 1_000;
let image: NativeImage;

/** The files that COPY . . copies: all that git does not ignore, except for .dockerignore's. */
const contextFiles = async (): Promise<string[]> => {
  const ignored = readFileSync(join(root, ".dockerignore"), "utf8").split("\n").filter(Boolean);
  const tracked = (await runCommand("git", ["ls-files", "--cached", "--others", "--exclude-standard"], { cwd: root, keep: 1_000_000 }))
    .trim()
    .split("\n");
  const files = tracked.filter((file) => !ignored.some((one) => file === one || file.startsWith(`${one.replace(/\/$/, "")}/`)));
  const there = await Promise.all(files.map((file) => exists(join(root, file))));
  return files.filter((_, index) => there[index]);
};

beforeAll(async () => {
  image = await buildNatively(join(root, "Dockerfile"), root, await contextFiles(), folder.path);
  chmodSync(folder.path, 0o755);
}, 300_000);
afterAll(() => folder.remove());

const installed = (name: string): Promise<boolean> => exists(join(image.workdir, "node_modules", name));

describe("the image", () => {
  it("has what Carillon runs on, and nothing of what it was built with", async () => {
    for (const name of ["kafkajs", "mongodb", "ioredis", "bullmq", "lmdb"]) expect(await installed(name), name).toBe(true);
    for (const name of ["typescript", "vitest", "esbuild", "react", "playwright-core"]) expect(await installed(name), name).toBe(false);
    for (const file of ["test", "bench", ".git", "console", "Dockerfile"])
      expect(await exists(join(image.workdir, file)), file).toBe(false);
    expect(await exists(join(image.workdir, "dist/page/index.html"))).toBe(true);
  });

  it("lists all of it, with versions and licences", () => {
    const sbom = JSON.parse(readFileSync(join(image.workdir, "sbom.json"), "utf8")) as {
      readonly bomFormat: string;
      readonly components: readonly {
        readonly group?: string;
        readonly name: string;
        readonly version: string;
        readonly licenses?: readonly unknown[];
      }[];
    };
    const direct = Object.keys((JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { dependencies: object }).dependencies);
    expect(sbom.bomFormat).toBe("CycloneDX");
    const listed = new Map(sbom.components.map((component) => [[component.group, component.name].filter(Boolean).join("/"), component]));
    for (const name of direct) expect(listed.get(name)?.version, name).toMatch(/^\d/);
    expect(sbom.components.filter(({ licenses = [] }) => licenses.length === 0).length).toBeLessThan(sbom.components.length / 10);
    expect(listed.has("vitest")).toBe(false);
  });

  it("starts as a user who may change nothing but its data, is healthy, and stops cleanly", async () => {
    expect(image.user).toBe("node");
    const data = join(folder.path, "data");
    mkdirSync(data);
    chownSync(data, nodeUser, nodeUser);
    const port = await freePort();
    const [command = "", ...args] = image.command;
    const as = { cwd: image.workdir, uid: nodeUser, gid: nodeUser };
    const env = { PATH: process.env.PATH ?? "", ...image.environment, CARILLON_DATA_DIR: data, CARILLON_PORT: String(port) };
    const run = spawn(command, args, { ...as, env });
    const ended = once(run, "exit");
    const health = async (): Promise<number | null> => {
      const [check = "", ...rest] = image.healthCheck;
      const [code] = (await once(spawn(check, rest, { ...as, env }), "exit")) as [number | null];
      return code;
    };
    try {
      await eventually(health, (code) => code === 0, 30_000, 250);
      const response = await fetch(`http://127.0.0.1:${port}/v1/messages`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ channel: "sms", to: "+14155550100", content: { text: "Hi" } }),
      });
      expect(response.status).toBe(202);
      expect((await fetch(`http://127.0.0.1:${port}/`)).headers.get("content-type")).toContain("text/html");
    } finally {
      run.kill("SIGTERM");
    }
    expect(await ended).toEqual([0, null]);
  });
});
