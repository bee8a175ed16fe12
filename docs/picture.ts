import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** Generates docs/images/demo.svg from the demo's output: `npm run picture`. */

const root = fileURLToPath(new URL("..", import.meta.url));
const colors: Readonly<Record<string, string>> = { "31": "#ff7b72", "32": "#7ee787", "33": "#e3b341", "36": "#79c0ff" };
const [charWidth, lineHeight, margin] = [7.83, 19, 20];

const escapeXml = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");

interface Style {
  readonly fill: string;
  readonly bold: boolean;
  readonly dim: boolean;
}
const plain: Style = { fill: "#e6edf3", bold: false, dim: false };

const styled = (style: Style, code: string): Style => {
  if (code === "0") return plain;
  if (code === "1") return { ...style, bold: true };
  if (code === "2") return { ...style, dim: true };
  if (code === "22") return { ...style, bold: false, dim: false };
  if (code === "39") return { ...style, fill: plain.fill };
  return { ...style, fill: colors[code] ?? style.fill };
};

const renderLine = (line: string, y: number): string => {
  let style = plain;
  let column = 0;
  const spans: string[] = [];
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colors begin with an escape character
  for (const part of line.split(/(\u001b\[[0-9;]*m)/)) {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: colors begin with an escape character
    const codes = /^\u001b\[([0-9;]*)m$/.exec(part)?.[1];
    if (codes !== undefined) {
      style = codes.split(";").reduce(styled, style);
      continue;
    }
    if (part === "") continue;
    const x = margin + column * charWidth;
    const look = `fill="${style.dim ? "#8b949e" : style.fill}"${style.bold ? ' font-weight="bold"' : ""}`;
    spans.push(`<text x="${x.toFixed(1)}" y="${y}" ${look} xml:space="preserve">${escapeXml(part)}</text>`);
    column += [...part].length;
  }
  return spans.join("");
};

const output = execFileSync(process.execPath, ["examples/00-demo/demo.mjs"], {
  cwd: root,
  encoding: "utf8",
  env: { ...process.env, FORCE_COLOR: "1" },
});
const lines = ["\u001b[2m$\u001b[22m npm run demo", "", ...output.trimEnd().split("\n")];
// biome-ignore lint/suspicious/noControlCharactersInRegex: colors begin with an escape character
const columns = Math.max(...lines.map((line) => [...line.replaceAll(/\u001b\[[0-9;]*m/g, "")].length));
const width = Math.ceil(columns * charWidth + margin * 2);
const height = lines.length * lineHeight + margin * 2;
const body = lines.map((line, index) => renderLine(line, margin + 14 + index * lineHeight)).join("\n");
mkdirSync(`${root}/docs/images`, { recursive: true });
writeFileSync(
  `${root}/docs/images/demo.svg`,
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="13" role="img" aria-label="npm run demo in a terminal">
<rect width="${width}" height="${height}" rx="8" fill="#0d1117"/>
${body}
</svg>
`,
);
