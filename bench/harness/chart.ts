/** One bar. */
export interface Bar {
  readonly name: string;
  readonly value: number;
  /** Whether it is Carillon's. */
  readonly ours: boolean;
}

const [width, rowHeight, nameWidth, valueWidth, titleHeight] = [860, 30, 330, 110, 56];
export const colors = { ours: "#2f6f4f", other: "#9aa5a0", text: "#24302b", faint: "#66736d" };

export const escapeXml = (text: string): string => text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);

const shown = (value: number): string =>
  value >= 100 || Number.isInteger(value) ? Math.round(value).toLocaleString("en-US") : value >= 10 ? value.toFixed(1) : value.toFixed(2);

const text = (x: number, y: number, content: string, more = ""): string =>
  `<text x="${x}" y="${y}" ${more || `fill="${colors.text}"`}>${escapeXml(content)}</text>`;

const head = (height: number, title: string, below: string): string[] => [
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="system-ui, sans-serif" font-size="13" role="img" aria-label="${escapeXml(title)}">`,
  `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
  text(16, 24, title, `fill="${colors.text}" font-size="15" font-weight="600"`),
  text(16, 43, below, `fill="${colors.faint}"`),
];

/** A horizontal bar chart of one measure, as SVG. */
export const barChart = (title: string, unit: string, bars: readonly Bar[]): string => {
  const most = Math.max(...bars.map(({ value }) => value));
  const height = titleHeight + bars.length * rowHeight + 12;
  const rows = bars.map(({ name, value, ours }, index) => {
    const y = titleHeight + index * rowHeight;
    const length = Math.max(2, (value / most) * (width - nameWidth - valueWidth - 20));
    return [
      text(nameWidth - 10, y + 19, name, `text-anchor="end" fill="${colors.text}"${ours ? ' font-weight="600"' : ""}`),
      `<rect x="${nameWidth}" y="${y + 5}" width="${length.toFixed(1)}" height="${rowHeight - 10}" rx="2" fill="${ours ? colors.ours : colors.other}"/>`,
      text(nameWidth + length + 8, y + 19, shown(value)),
    ].join("\n");
  });
  return [...head(height, title, unit), ...rows, "</svg>\n"].join("\n");
};

/** One line of points. */
export interface Line {
  readonly name: string;
  readonly points: readonly (readonly [x: number, y: number])[];
  readonly ours: boolean;
}

const lineColors = ["#2f6f4f", "#c0702b", "#4a6fa5", "#8a5a83", "#9aa5a0", "#b8942d"];
const labelHeight = 16;

/** Positions of the lines' names: as close to the lines' ends as possible without overlap. */
const labelPlaces = (ends: readonly number[], bottom: number): number[] => {
  const places = [...ends];
  const order = ends.map((_, index) => index).sort((a, b) => (ends[a] ?? 0) - (ends[b] ?? 0));
  let free = Number.NEGATIVE_INFINITY;
  for (const index of order) {
    free = Math.max(free, ends[index] ?? 0);
    places[index] = free;
    free += labelHeight;
  }
  const over = Math.max(0, free - labelHeight - bottom);
  return places.map((place) => place - over);
};
const plot = { left: 80, right: 200, top: 60, height: 260 };

/** A line chart with one scale that starts at zero. `logX`: powers of ten have equal distances. */
export const lineChart = (title: string, xUnit: string, yUnit: string, lines: readonly Line[], logX = false): string => {
  const place = (x: number): number => (logX ? Math.log10(x) : x);
  const all = lines.flatMap(({ points }) => points);
  const [leastX, mostX] = [Math.min(...all.map(([x]) => place(x))), Math.max(...all.map(([x]) => place(x)))];
  const mostY = Math.max(...all.map(([, y]) => y)) * 1.1;
  const plotWidth = width - plot.left - plot.right;
  const toX = (x: number): number => plot.left + ((place(x) - leastX) / (mostX - leastX || 1)) * plotWidth;
  const toY = (y: number): number => plot.top + plot.height - (y / mostY) * plot.height;
  const grid = [0, 0.25, 0.5, 0.75, 1].map((share) => {
    const y = toY(mostY * share);
    return `<line x1="${plot.left}" x2="${plot.left + plotWidth}" y1="${y}" y2="${y}" stroke="#e3e8e5"/>${text(plot.left - 8, y + 4, shown(mostY * share), `text-anchor="end" fill="${colors.faint}"`)}`;
  });
  const ticks = [...new Set(all.map(([x]) => x))]
    .filter((_, index, xs) => xs.length <= 8 || index % Math.ceil(xs.length / 8) === 0)
    .map((x) => text(toX(x), plot.top + plot.height + 20, shown(x), `text-anchor="middle" fill="${colors.faint}"`));
  const places = labelPlaces(
    lines.map(({ points }) => toY(points.at(-1)?.[1] ?? 0)),
    plot.top + plot.height,
  );
  const drawn = lines.map(({ name, points, ours }, index) => {
    const color = ours && index === 0 ? colors.ours : (lineColors[index % lineColors.length] ?? colors.other);
    const path = points.map(([x, y]) => `${toX(x).toFixed(1)},${toY(y).toFixed(1)}`).join(" ");
    return [
      `<polyline points="${path}" fill="none" stroke="${color}" stroke-width="2"/>`,
      ...(points.length <= 8
        ? points.map(([x, y]) => `<circle cx="${toX(x).toFixed(1)}" cy="${toY(y).toFixed(1)}" r="3" fill="${color}"/>`)
        : []),
      text(plot.left + plotWidth + 10, (places[index] ?? 0) + 4, name, `fill="${color}"`),
    ].join("\n");
  });
  const height = plot.top + plot.height + 50;
  return [
    ...head(height, title, yUnit),
    ...grid,
    ...ticks,
    ...drawn,
    text(plot.left + plotWidth / 2, height - 8, xUnit, `text-anchor="middle" fill="${colors.faint}"`),
    "</svg>\n",
  ].join("\n");
};
