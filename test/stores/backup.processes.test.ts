import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { eventually } from "../support/eventually.js";
import { carillonOn, startOn } from "../support/running.js";
import { scratchFolder } from "../support/scratch.js";

const send = async (url: string, number: number): Promise<string> => {
  const response = await fetch(`${url}/v1/messages`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ channel: "sms", to: "+14155550100", content: { text: `Hi ${number}` } }),
  });
  return ((await response.json()) as { id: string }).id;
};

const modesOf = (folder: string): Record<string, string> =>
  Object.fromEntries(
    readdirSync(folder, { recursive: true, encoding: "utf8" }).map((name) => [
      name,
      (statSync(join(folder, name)).mode & 0o777).toString(8),
    ]),
  );

it("a backup taken while messages come in holds each that was accepted before, is checked, and is restored", async () => {
  const scratch = scratchFolder();
  const [folder, file] = [join(scratch.path, "data"), join(scratch.path, "backups", "one.mdb")];
  const running = await startOn(folder);
  const before = await Promise.all(Array.from({ length: 50 }, (_, number) => send(running.url, number)));
  let goesOn = true;
  const traffic = (async () => {
    for (let number = 100; goesOn; number += 1) await send(running.url, number);
  })();
  const made = carillonOn(folder, ["backup", file]);
  goesOn = false;
  await traffic;
  expect(made.stderr + made.stdout).toMatch(/one\.mdb: [\d.]+ MiB, [\d,]+ values, all pages checked/);
  expect(carillonOn(folder, ["doctor"]).stdout).toMatch(/✔ store +[\d,]+ pages \(.* intact/);
  expect(carillonOn(folder, ["backup", file]).stderr).toContain("exists already");
  const link = join(scratch.path, "leads-nowhere.mdb");
  symlinkSync(join(scratch.path, "not-there.mdb"), link);
  expect(carillonOn(folder, ["backup", link]).stderr).toContain("exists already");
  expect(carillonOn(folder, ["restore", file, "--replace"]).stderr).toMatch(/process \d+ on .* already runs on/);
  await running.stop("SIGTERM");

  expect(carillonOn(folder, ["restore", file]).stderr).toContain("already has a store");
  const elsewhere = join(scratch.path, "restored");
  const restored = carillonOn(elsewhere, ["restore", file]);
  expect(restored.stdout).toContain(`${elsewhere} restored from`);
  const again = await startOn(elsewhere);
  for (const id of before) {
    await eventually(
      async () => ((await (await fetch(`${again.url}/v1/messages/${id}`)).json()) as { status?: string }).status,
      (status) => status === "delivered",
      30_000,
    );
  }
  await again.stop("SIGTERM");
  const replaced = carillonOn(folder, ["restore", file, "--replace"]);
  expect(replaced.stdout).toMatch(/the previous store is in .*carillon\.mdb\.before-\d{14}/);

  writeFileSync(join(scratch.path, "bad.mdb"), readFileSync(file).subarray(0, 20_000));
  expect(carillonOn(join(scratch.path, "third"), ["restore", join(scratch.path, "bad.mdb")]).stderr).toMatch(/is damaged|cut/);
  expect(existsSync(join(scratch.path, "third", "carillon.mdb"))).toBe(false);
  scratch.remove();
}, 120_000);

it("keeps the data folder, its files, and backups from group and others, whatever the umask, and doctor names wider ones", async () => {
  const scratch = scratchFolder();
  const folder = join(scratch.path, "data");
  const running = await startOn(folder);
  const id = await send(running.url, 1);
  await eventually(
    async () => ((await (await fetch(`${running.url}/v1/messages/${id}`)).json()) as { status?: string }).status,
    (status) => status === "delivered",
    30_000,
  );
  await running.stop("SIGTERM");
  expect(statSync(folder).mode & 0o777).toBe(0o700);
  const modes = modesOf(folder);
  expect(Object.keys(modes)).toEqual(
    expect.arrayContaining(["carillon.mdb", "carillon.mdb-lock", "running.lock", "outbox", "outbox/sms.ndjson"]),
  );
  for (const [name, mode] of Object.entries(modes)) expect([name, mode]).toEqual([name, name === "outbox" ? "700" : "600"]);
  const file = join(scratch.path, "b.mdb");
  carillonOn(folder, ["backup", file]);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(carillonOn(folder, ["doctor"]).stdout).toContain("only this account can access the data folder");
  chmodSync(folder, 0o755);
  mkdirSync(join(folder, "wide"), { mode: 0o755 });
  chmodSync(join(folder, "wide"), 0o755);
  const { stdout } = carillonOn(folder, ["doctor"]);
  expect(stdout).toContain(`${folder} (0755)`);
  expect(stdout).toContain(`${join(folder, "wide")} (0755)`);
  scratch.remove();
}, 120_000);
