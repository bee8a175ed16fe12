import { colors, escapeXml } from "../harness/chart.js";
import type { Frame } from "./cpu-profile.js";

const [width, rowHeight, top] = [1_200, 17, 56];
/** Narrower frames are not drawn. */
const leastShare = 0.002;
const deepest = 34;

/** Merges calls of the same function from the same place. */
const merged = (frames: readonly Frame[]): Frame[] => {
  const byName = new Map<string, Frame>();
  for (const frame of frames) {
    const key = `${frame.name} ${frame.url}`;
    const found = byName.get(key);
    byName.set(
      key,
      found
        ? {
            ...found,
            selfMicroseconds: found.selfMicroseconds + frame.selfMicroseconds,
            totalMicroseconds: found.totalMicroseconds + frame.totalMicroseconds,
            children: [...found.children, ...frame.children],
          }
        : frame,
    );
  }
  return [...byName.values()].sort((a, b) => b.totalMicroseconds - a.totalMicroseconds);
};

const fileOf = (url: string): string =>
  url
    .split("/node_modules/")
    .at(-1)
    ?.replace(/^.*\/dist\//, "")
    .replace(/^file:\/\/.*\//, "") ?? "";

const hueOf = ({ url, name }: Frame): string => {
  if (/node_modules/.test(url)) return "#c0702b";
  if (/\/dist\//.test(url)) return "#2f6f4f";
  return name.startsWith("(") ? "#9aa5a0" : "#4a6fa5";
};

/** A flame graph: callers above, width by time. */
export const flameGraph = (title: string, root: Frame): string => {
  const rects: string[] = [];
  let depthReached = 0;
  const draw = (frame: Frame, x: number, depth: number): void => {
    const share = frame.totalMicroseconds / root.totalMicroseconds;
    if (share < leastShare || depth > deepest) return;
    depthReached = Math.max(depthReached, depth);
    const [w, y] = [share * (width - 20), top + depth * rowHeight];
    const label = `${frame.name} ${fileOf(frame.url)}`.trim();
    const fits = Math.floor(w / 6.2);
    rects.push(
      `<g><title>${escapeXml(`${label}: ${(share * 100).toFixed(1)} %`)}</title><rect x="${x.toFixed(1)}" y="${y}" width="${Math.max(0.5, w - 0.5).toFixed(1)}" height="${rowHeight - 1}" rx="1" fill="${hueOf(frame)}"/>${
        fits > 3 ? `<text x="${(x + 3).toFixed(1)}" y="${y + 12}" fill="#ffffff">${escapeXml(label.slice(0, fits))}</text>` : ""
      }</g>`,
    );
    let at = x;
    for (const child of merged(frame.children)) {
      draw(child, at, depth + 1);
      at += (child.totalMicroseconds / root.totalMicroseconds) * (width - 20);
    }
  };
  draw(root, 10, 0);
  const height = top + (depthReached + 1) * rowHeight + 14;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="system-ui, sans-serif" font-size="11" role="img" aria-label="${escapeXml(title)}">`,
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    `<text x="10" y="24" font-size="15" font-weight="600" fill="${colors.text}">${escapeXml(title)}</text>`,
    `<text x="10" y="43" fill="${colors.faint}">green: Carillon; orange: libraries; blue: Node; grey: V8. As wide as the time spent; what takes less than ${leastShare * 100} % is left out</text>`,
    ...rects,
    "</svg>\n",
  ].join("\n");
};
