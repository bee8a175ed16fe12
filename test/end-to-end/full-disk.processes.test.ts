import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";
import { cleanEnvironment } from "../support/clean-environment.js";
import { eventually } from "../support/eventually.js";
import { readMetrics } from "../support/metrics.js";
import { type SmallDisk, smallDisk } from "../support/small-disk.js";

const root = fileURLToPath(new URL("../..", import.meta.url));
const rounds = 10;

let disk: SmallDisk;
let child: ChildProcess;
let url = "";
let output = "";

beforeAll(async () => {
  disk = smallDisk("24m");
  child = spawn(process.execPath, [join(root, "bin/carillon.js"), "start"], {
    env: { ...cleanEnvironment(), NO_COLOR: "1", CARILLON_DATA_DIR: join(disk.path, "data"), CARILLON_PORT: "0" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const keep = (chunk: Buffer): void => {
    output = (output + chunk.toString()).slice(-50_000);
  };
  child.stdout?.on("data", keep);
  child.stderr?.on("data", keep);
  url = await eventually(
    async () => /ready at (http:\S+)/.exec(output)?.[1] ?? "",
    (found) => found !== "",
    60_000,
  );
}, 90_000);
afterAll(async () => {
  if (child.exitCode === null) {
    child.kill("SIGKILL");
    await once(child, "exit");
  }
  disk.remove();
});

const ask = (path: string, init: RequestInit = {}): Promise<Response> =>
  fetch(`${url}${path}`, { ...init, signal: AbortSignal.timeout(10_000) });
const statusOf = async (path: string): Promise<number> => (await ask(path)).status;

interface Answer {
  readonly status: number;
  readonly id: string | undefined;
  readonly detail: string | undefined;
}
const send = async (number: number): Promise<Answer> => {
  const body = { channel: "email", to: `someone-${number}@sandbox.carillon.test`, content: { subject: "Hi", text: "x".repeat(2_000) } };
  const response = await ask("/v1/messages", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  const { id, detail } = (await response.json()) as { id?: string; detail?: string };
  return { status: response.status, id, detail };
};

const conditionOf = async (): Promise<number> =>
  (await readMetrics(url)).find(({ name }) => name === "carillon_disk_condition")?.value ?? -1;

it(`a full disk is answered with 503 and stands nothing still for good, ${rounds} times, and loses no accepted message`, async () => {
  const accepted: string[] = [];
  let number = 0;
  const burst = async (count: number): Promise<readonly Answer[]> => {
    const answers = await Promise.all(Array.from({ length: count }, () => send(++number)));
    for (const { status, id } of answers) if (status === 202 && id) accepted.push(id);
    return answers;
  };
  const each = 3;
  for (let round = 0; round < rounds; round += 1) {
    for (let taken = 0; taken < each; taken += 1) {
      await eventually(
        () => burst(1),
        ([answer]) => answer?.status === 202,
        10_000,
      );
    }
    // in some rounds the disk fills to its last byte while messages are in flight
    const onTheWay = burst(20);
    disk.leave(round % 2 === 0 ? 0 : 300_000 + round * 20_000);
    await onTheWay;
    const refused = await eventually(
      () => burst(5),
      (answers) => answers.every(({ status }) => status === 503),
      20_000,
    );
    for (const { detail } of refused) expect(detail).toMatch(/^disk full: Carillon accepts no new messages/);
    expect(await statusOf("/healthz")).toBe(200);
    expect(await statusOf("/readyz")).toBe(503);
    expect(await (await ask("/readyz")).text()).toContain("disk: disk full");
    await eventually(conditionOf, (condition) => condition === 2, 10_000);

    disk.makeRoom();
    await eventually(
      () => statusOf("/readyz"),
      (status) => status === 200,
      20_000,
    );
    const again = await eventually(
      () => burst(1),
      ([answer]) => answer?.status === 202,
      10_000,
    );
    expect(again).toHaveLength(1);
    expect(child.exitCode).toBeNull();
  }
  expect(accepted.length).toBeGreaterThanOrEqual(rounds * each);
  for (const id of accepted) {
    const found = await eventually(
      async () => ((await (await ask(`/v1/messages/${id}`)).json()) as { status?: string }).status,
      (status) => status === "delivered",
      60_000,
    );
    expect(found).toBe("delivered");
  }
  expect(await conditionOf()).toBe(0);
  expect(output).toContain("disk full");
  expect(output).toContain("disk space available again");
  child.kill("SIGTERM");
  const [code] = (await once(child, "exit")) as [number | null];
  expect(code).toBe(0);
}, 300_000);
