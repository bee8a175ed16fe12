import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { alertRules, runbook, runbookPage } from "../../docs/alerts.js";
import { grafanaDashboard } from "../../docs/grafana.js";
import { createMetrics } from "../../operations/telemetry/metrics.js";

const file = (path: string): string => readFileSync(fileURLToPath(new URL(`../../${path}`, import.meta.url)), "utf8");

interface Rules {
  readonly groups: readonly { readonly rules: readonly { readonly expr: string; readonly annotations: Record<string, string> }[] }[];
}
interface Dashboard {
  readonly panels: readonly {
    readonly title: string;
    readonly description?: string;
    readonly targets?: readonly { readonly expr: string }[];
  }[];
}

const rules = (alertRules() as Rules).groups.flatMap((group) => group.rules);
const panels = (JSON.parse(grafanaDashboard()) as Dashboard).panels.filter(({ targets }) => targets);
const expressions = [...rules.map(({ expr }) => expr), ...panels.flatMap(({ targets }) => targets?.map(({ expr }) => expr) ?? [])];

describe("Grafana's dashboard and the alert rules", () => {
  it("are what the sources say (npm run generate)", () => {
    expect(JSON.parse(file("helm/grafana/carillon.json"))).toEqual(JSON.parse(grafanaDashboard()));
    expect(parse(file("helm/prometheus/alerts.yaml"))).toEqual(alertRules());
    expect(file(runbookPage)).toContain(runbook());
  });

  it("ask for metrics and labels that there are", async () => {
    const registry = await createMetrics().registry.getMetricsAsJSON();
    const known = new Set(
      registry.flatMap(({ name, type }) => (String(type) === "histogram" ? [`${name}_bucket`, `${name}_count`, `${name}_sum`] : [name])),
    );
    for (const expression of expressions) {
      const asked = expression.match(/carillon_[a-z0-9_]+/g) ?? [];
      expect(asked.length, expression).toBeGreaterThan(0);
      for (const name of asked) expect(known, expression).toContain(name);
    }
    const labels = new Set(["le", "by", "namespace", ...(await labelsOf())]);
    for (const expression of expressions)
      for (const [, list = ""] of expression.matchAll(/\bby \(([^)]*)\)/g))
        for (const label of list.split(",")) expect(labels, expression).toContain(label.trim());
  });

  it("ask for every metric that concerns delivery", async () => {
    const all = expressions.join("\n");
    const unasked = (await createMetrics().registry.getMetricsAsJSON()).filter(
      ({ name }) => !/_(nodejs|process)_/.test(name) && !all.includes(name),
    );
    expect(unasked.map(({ name }) => name)).toEqual([]);
  });

  it("have balanced brackets, and say what each is for and what to do", () => {
    for (const expression of expressions)
      for (const [open, close] of ["()", "{}", "[]"])
        expect(expression.split(open ?? "").length, expression).toBe(expression.split(close ?? "").length);
    for (const { annotations } of rules) expect(annotations.description?.length).toBeGreaterThan(20);
    for (const { title, description } of panels) expect(description, title).toMatch(/\.$/);
  });
});

/** The labels of Carillon's own metrics. */
const labelsOf = async (): Promise<string[]> =>
  Object.values(createMetrics()).flatMap((metric) => ("labelNames" in metric ? (metric.labelNames as string[]) : []));
