import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
const markdownIn = (folder: string): readonly string[] =>
  readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".md"))
    .map((name) => join(folder, name));
const pages = ["README.md", "CONTRIBUTING.md", "SECURITY.md", ...markdownIn("docs"), ...markdownIn("examples")];

/** A page without its code blocks, which hold links and headings of other languages. */
const textOf = (page: string): string => readFileSync(join(root, page), "utf8").replace(/```[\s\S]*?```/g, "");

/** The anchor that GitHub gives a heading. */
const anchorOf = (heading: string): string =>
  heading
    .replace(/\[([^\]]*)\]\([^)]*\)/g, "$1")
    .toLowerCase()
    .replace(/[^\p{L}\p{N}_\- ]/gu, "")
    .trim()
    .replaceAll(" ", "-");

const anchorsOf = (page: string): ReadonlySet<string> => {
  const text = textOf(page);
  const headings = [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading = ""]) => anchorOf(heading));
  return new Set([...headings, ...[...text.matchAll(/id="([^"]+)"/g)].map(([, id = ""]) => id)]);
};

/** Links of a page that lead nowhere. */
const brokenIn = (page: string): readonly string[] =>
  [...textOf(page).matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, link = ""]) => link)
    .filter((link) => !/^[a-z]+:/.test(link))
    .filter((link) => {
      const [path = "", anchor] = link.split("#");
      const target = path === "" ? page : normalize(join(dirname(page), path));
      if (!existsSync(join(root, target))) return true;
      return anchor !== undefined && target.endsWith(".md") && !anchorsOf(target).has(anchor);
    });

it.each(pages)("%s links to files and headings that exist", (page) => {
  expect(brokenIn(page)).toEqual([]);
});

/** A registry shows these pages without the repository around them. */
it.each(["client", "testing"].flatMap((name) => markdownIn(join("packages", name)).filter((page) => !/dist|node_modules/.test(page))))(
  "%s has no relative links",
  (page) => {
    const links = [...textOf(page).matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = ""]) => link);
    expect(links.filter((link) => !link.startsWith("https://"))).toEqual([]);
  },
);

it("makes the anchors that GitHub makes", () => {
  expect(anchorOf("Why was it not delivered?")).toBe("why-was-it-not-delivered");
  expect(anchorOf("Guarantees, per lane (`lanes.<lane>.guarantee`)")).toBe("guarantees-per-lane-laneslaneguarantee");
});
