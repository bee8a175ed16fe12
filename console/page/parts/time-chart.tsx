import { Table, useComputedColorScheme } from "@mantine/core";
import { useEffect, useRef, useState } from "react";
import uPlot from "uplot";
import { instantText } from "../format.js";
import { Scrolls } from "./scrolls.js";

export interface Line {
  readonly label: string;
  /** A CSS color or variable. */
  readonly color: string;
  readonly values: readonly (number | null)[];
}

interface TimeChartProps {
  /** A description for people who cannot see the chart. */
  readonly title: string;
  /** Milliseconds since 1970 UTC. */
  readonly times: readonly number[];
  readonly lines: readonly Line[];
  readonly height?: number;
  readonly bars?: boolean;
  readonly text: (value: number) => string;
  /** The axis reaches at least this value. */
  readonly atLeast?: number;
}

/** A canvas does not support light-dark(), so the color is read from an element that has it. */
const paint = (element: HTMLElement, color: string): string => {
  const probe = document.createElement("span");
  probe.style.color = color;
  element.append(probe);
  const painted = getComputedStyle(probe).color;
  probe.remove();
  return painted || "currentColor";
};

const mostRows = 60;

/** The same data as numbers, newest first. */
const Numbers = ({ title, times, lines, text }: Pick<TimeChartProps, "title" | "times" | "lines" | "text">) => {
  const [opened, setOpened] = useState(false);
  const rows = opened ? times.map((at, index) => ({ at, index })).slice(-mostRows) : [];
  return (
    <details onToggle={(event) => setOpened(event.currentTarget.open)}>
      <summary className="quiet">Show as table</summary>
      <Scrolls label={title}>
        <Table>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Time</Table.Th>
              {lines.map(({ label }) => (
                <Table.Th key={label} className="numbers">
                  {label}
                </Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {rows.reverse().map(({ at, index }) => (
              <Table.Tr key={at}>
                <Table.Th scope="row" fw={400}>
                  {instantText(at)}
                </Table.Th>
                {lines.map(({ label, values }) => {
                  const value = values[index];
                  return (
                    <Table.Td key={label} className="numbers">
                      {value === null || value === undefined ? "–" : text(value)}
                    </Table.Td>
                  );
                })}
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Scrolls>
    </details>
  );
};

/** Lines or bars over time, drawn by uPlot, and the same data as numbers. */
export const TimeChart = ({ title, times, lines, height = 180, bars = false, text, atLeast = 1 }: TimeChartProps) => {
  const holder = useRef<HTMLDivElement>(null);
  const scheme = useComputedColorScheme("light");
  // redrawn when the data or the color scheme changes
  // biome-ignore lint/correctness/useExhaustiveDependencies: the scheme changes what the variables stand for
  useEffect(() => {
    const element = holder.current;
    if (!element) return undefined;
    const axis = {
      stroke: paint(element, "var(--calm)"),
      grid: { stroke: paint(element, "var(--line)"), width: 0.5 },
      ticks: { show: false },
    };
    const barsPath = uPlot.paths.bars?.({ size: [0.7, 60] });
    const chart = new uPlot(
      {
        width: Math.max(element.clientWidth, 200),
        height,
        cursor: { drag: { x: false, y: false } },
        legend: { live: true },
        scales: { y: { range: (_chart, _least, most) => [0, Math.max(most * 1.1, atLeast)] } },
        series: [
          {},
          ...lines.map(({ label, color }) => {
            const stroke = paint(element, color);
            return {
              label,
              stroke,
              width: 2,
              ...(bars && barsPath
                ? { paths: barsPath, fill: `color-mix(in srgb, ${stroke} 60%, transparent)`, points: { show: false } }
                : {}),
              value: (_chart: uPlot, value: number | null) => (value === null || value === undefined ? "–" : text(value)),
            };
          }),
        ],
        axes: [axis, { ...axis, size: 62, values: (_chart, splits) => splits.map(text) }],
      },
      [times.map((at) => at / 1_000), ...lines.map(({ values }) => [...values])] as uPlot.AlignedData,
      element,
    );
    const resize = new ResizeObserver(() => chart.setSize({ width: Math.max(element.clientWidth, 200), height }));
    resize.observe(element);
    return () => {
      resize.disconnect();
      chart.destroy();
    };
  }, [times, lines, height, bars, text, atLeast, scheme]);
  return (
    <div>
      <div ref={holder} role="img" aria-label={title} />
      <Numbers title={title} times={times} lines={lines} text={text} />
    </div>
  );
};
