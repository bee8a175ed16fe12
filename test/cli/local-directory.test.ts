import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Deployment } from "../../cli/deployment/deployment.js";
import { createLocalDeployment } from "../../cli/local/local-deployment.js";
import { loadConfig } from "../../service/load-config.js";
import { commandLine } from "../support/command-line.js";
import { scratchFolder } from "../support/scratch.js";

const folder = scratchFolder();
let deployment: Deployment;
beforeAll(() => {
  deployment = createLocalDeployment(loadConfig({ environment: {}, overrides: { dataDir: folder.path } }));
});
afterAll(async () => {
  await deployment.close();
  folder.remove();
});

it("manages users and groups in the stores", async () => {
  const { directory } = deployment;
  expect(await directory.putUser(undefined, "ann", { addresses: { email: "ann@example.com" } })).toMatchObject({ id: "ann", revision: 1 });
  await directory.putGroup(undefined, "news", { name: "News" });
  expect(await directory.join(undefined, "news", { user: "ann", channels: ["email"] })).toMatchObject({ members: 1, changed: true });
  expect((await directory.members(undefined, "news", { limit: 10 })).items).toMatchObject([{ user: "ann", channels: ["email"] }]);
  expect(await directory.leave(undefined, "news", "ann")).toMatchObject({ members: 0, changed: true });
  await directory.deleteUser(undefined, "ann");
  await directory.deleteGroup(undefined, "news");
  expect((await directory.users(undefined, { limit: 10 })).items).toEqual([]);
  expect((await directory.groups(undefined, { limit: 10 })).items).toEqual([]);
});

it("refuses what the server would refuse, with the field", async () => {
  const { directory } = deployment;
  const refusal = (work: Promise<unknown>) => work.catch((error: unknown) => error);
  expect(await refusal(directory.putUser(undefined, "ann", { addresses: { email: "none" } }))).toMatchObject({
    ...{ code: "INPUT_INVALID", field: "addresses.email", fix: expect.any(String) },
  });
  expect(await refusal(directory.putUser(undefined, "", {}))).toMatchObject({ code: "INPUT_INVALID", field: "user" });
  await directory.putGroup(undefined, "sales", {});
  for (const work of [
    () => directory.user(undefined, "nobody"),
    () => directory.deleteUser(undefined, "nobody"),
    () => directory.group(undefined, "none"),
    () => directory.members(undefined, "none", { limit: 1 }),
    () => directory.join(undefined, "sales", { user: "nobody" }),
    () => directory.users("no-tenant", { limit: 1 }),
  ])
    expect(await refusal(work())).toMatchObject({ code: "NOT_FOUND" });
});

it("imports and exports lists, and stores nothing of one with an invalid line if asked to", async () => {
  const onStores = (...args: readonly string[]) => commandLine(args, { CARILLON_DATA_DIR: own.path });
  const own = scratchFolder();
  try {
    const [good, bad] = [join(own.path, "good.ndjson"), join(own.path, "bad.csv")];
    writeFileSync(good, '{"id":"ann","addresses":{"email":"ann@example.com"},"attributes":{"plan":"pro"}}\n{"id":"ben"}\n');
    writeFileSync(bad, "id,email\ncleo,cleo@example.com\ndan,none\n");
    expect(await onStores("users", "import", good)).toMatchObject({ status: 0, stdout: "2 lines stored, 0 invalid\n" });
    const refused = await onStores("users", "import", bad, "--refuse");
    expect(refused).toMatchObject({ status: 1, stdout: "" });
    expect(refused.stderr).toContain("nothing was stored");
    const part = await onStores("users", "import", bad);
    expect(part).toMatchObject({ status: 1, stdout: "1 line stored, 1 invalid\n" });
    expect(part.stderr).toMatch(/line 3: addresses\.email .* \(.*\)/);
    expect((await onStores("users", "export")).stdout.trim().split("\n")).toHaveLength(3);
    expect((await onStores("users", "export", "--format", "csv", "--after", "ben")).stdout).toMatch(/^"cleo",/);
    const page = await onStores("users", "list", "--limit", "2");
    const cursor = /--cursor (\S+)/.exec(page.stderr)?.[1] ?? "";
    expect((await onStores("users", "list", "--cursor", cursor)).stdout).toMatch(/^cleo /m);
    expect((await onStores("users", "import", join(own.path, "none.csv"))).stderr).toContain("cannot be read");
  } finally {
    own.remove();
  }
});
