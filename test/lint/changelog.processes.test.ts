import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { scratchFolder } from "../support/scratch.js";

const scripts = fileURLToPath(new URL("../../.ci/lint", import.meta.url));

const before = {
  "CHANGELOG.md": "# Changelog\n",
  "package.json": '{ "exports": { "./client": "./client.js" } }\n',
  "docs/reference.md": "| key | default |\n| --- | --- |\n| `http.port` | `8080` |\n",
  "schemas/one.avsc": '{ "type": "record", "name": "One", "fields": [{ "name": "id", "type": "string" }] }\n',
  "cli/one.ts": 'program.command("send").option("--to <address>", "recipient");\n',
  "http/one.ts": 'app.get("/v1/messages/:id", answer);\n',
  "packages/client/package.json": '{ "name": "carillon-client", "exports": { ".": "./index.js" } }\n',
  "config/one.ts": 'import { z } from "zod";\nexport const one = z.strictObject({\n  oneMs: durationMs("one", 1),\n});\n',
};

describe("the lint of the changelog", () => {
  let folder: ReturnType<typeof scratchFolder>;
  const git = (...args: string[]) =>
    execFileSync("git", ["-c", "user.name=test", "-c", "user.email=test@carillon.test", ...args], { cwd: folder.path, stdio: "pipe" });
  const write = (files: Readonly<Record<string, string>>) => {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder.path, name)), { recursive: true });
      writeFileSync(join(folder.path, name), text);
    }
  };
  const check = (environment: Readonly<Record<string, string>> = {}) => {
    try {
      const options = {
        cwd: folder.path,
        encoding: "utf8" as const,
        stdio: "pipe" as const,
        env: { ...process.env, CARILLON_LINT_BASE: "", ...environment },
      };
      execFileSync(process.execPath, [join(folder.path, ".ci/lint/check-changelog.cjs")], options);
      return "";
    } catch (error) {
      return String((error as { readonly stderr: unknown }).stderr);
    }
  };

  beforeEach(() => {
    folder = scratchFolder();
    cpSync(scripts, join(folder.path, ".ci/lint"), { recursive: true });
    write(before);
    git("init", "--quiet", "--initial-branch=main");
    git("add", ".");
    git("commit", "--quiet", "--message=First");
    git("switch", "--quiet", "--create=change");
  });
  afterEach(() => folder.remove());

  it.each([
    ["a key", { "docs/reference.md": `${before["docs/reference.md"]}| \`http.host\` | \`::1\` |\n` }, "new: `http.host`"],
    ["a default", { "docs/reference.md": before["docs/reference.md"].replace("8080", "8081") }, "new: `http.port` | `8081`"],
    ["a field", { "schemas/one.avsc": before["schemas/one.avsc"].replace('"id"', '"messageId"') }, "new: field One.messageId"],
    ["a command", { "cli/two.ts": 'program.command("why <id>");\n' }, "new: command why"],
    ["an option that is gone", { "cli/one.ts": 'program.command("send");\n' }, "gone: option --to <address>"],
    ["a route", { "http/two.ts": 'app.post("/v1/groups", answer);\n' }, "new: route /v1/groups"],
    [
      "an export",
      { "package.json": '{ "exports": { "./client": "./client.js", "./testing": "./testing.js" } }\n' },
      "new: export ./testing",
    ],
    [
      "an export of a package",
      { "packages/client/package.json": '{ "name": "carillon-client", "exports": { ".": "./index.js", "./http": "./http.js" } }\n' },
      "new: export ./http of carillon-client",
    ],
    [
      "a key that is not generated yet",
      { "config/one.ts": before["config/one.ts"].replace("});", '  two: z\n    .string()\n    .describe("two"),\n});') },
      "new: key two",
    ],
    ["a further key of a name", { "config/two.ts": before["config/one.ts"] }, "new: key oneMs"],
  ])("refuses %s without an entry, committed or not, and takes it with one", (_, files, named) => {
    write(files);
    expect(check()).toContain(named);
    git("add", ".");
    git("commit", "--quiet", "--message=Change");
    expect(check()).toContain(named);
    write({ "CHANGELOG.md": "# Changelog\n\n- An entry.\n" });
    expect(check()).toBe("");
  });

  const withKey = { "docs/reference.md": `${before["docs/reference.md"]}| \`http.host\` | \`::1\` |\n` };

  it.each([
    ["a blank line", "# Changelog\n\n"],
    ["a heading", "# Changelog\n\n## Next\n"],
    ["an entry that is wrapped in another way", "# Changelog\n\n- An entry that\n  is old.\n"],
    ["an entry that is gone", "# Changelog\n"],
  ])("takes no %s for an entry", (_, changelog) => {
    write({ "CHANGELOG.md": "# Changelog\n\n- An entry that is old.\n" });
    git("commit", "--quiet", "--all", "--message=Entry");
    git("branch", "--force", "main");
    write({ ...withKey, "CHANGELOG.md": changelog });
    expect(check()).toContain("new: `http.host`");
  });

  it.each([
    ["on the main branch", ["switch", "--quiet", "main"]],
    ["without a branch", ["switch", "--quiet", "--detach", "main"]],
  ])("compares a commit %s with its parent", (_, to) => {
    git(...to);
    write(withKey);
    expect(check()).toContain("new: `http.host`");
    git("commit", "--quiet", "--all", "--message=Change");
    expect(check()).toContain("new: `http.host`");
    write({ "CHANGELOG.md": "# Changelog\n\n- An entry.\n" });
    git("commit", "--quiet", "--all", "--amend", "--message=Change");
    expect(check()).toBe("");
  });

  it("asks for nothing where users see no difference", () => {
    write({ "docs/reference.md": before["docs/reference.md"].replace("key", "name"), "cli/two.ts": "export const one = 1;\n" });
    expect(check()).toBe("");
  });
});
