import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse, stringify } from "yaml";
import { alertRules, alerts } from "../../docs/alerts.js";
import { createMetrics } from "../../operations/telemetry/metrics.js";
import { installPromtool } from "../servers/promtool.js";
import { runCommand } from "../servers/shell.js";
import { scratchFolder } from "../support/scratch.js";
import { type AlertCase, alertCases, type Series } from "./alert-cases.js";

const rulesFile = fileURLToPath(new URL("../../helm/prometheus/alerts.yaml", import.meta.url));
const folder = scratchFolder();
let promtool = "";

/** The rules without their texts, so that a case need not contain Prometheus's rendering of them. */
const bareRules = (): object => {
  const { groups } = structuredClone(alertRules()) as { groups: { rules: { annotations?: object }[] }[] };
  for (const rule of groups.flatMap((group) => group.rules)) delete rule.annotations;
  return { groups };
};

const alive = 'carillon_lag_records{topic="alive",group="g",instance="a"}';

const seriesOf = (name: string, series: Series): object[] =>
  Object.entries(name === "CarillonDown" ? series : { [alive]: "0x1000", ...series }).map(([labels, values]) => ({
    series: labels,
    values,
  }));

const testOf = (
  name: string,
  severity: string,
  { fires, within, labels, quiet, quietAt = ["3m", "6m", "20m", "90m"] }: AlertCase,
): object[] => [
  {
    interval: "15s",
    input_series: seriesOf(name, fires),
    alert_rule_test: [{ eval_time: within, alertname: name, exp_alerts: [{ exp_labels: { severity, ...labels } }] }],
  },
  {
    interval: "15s",
    input_series: seriesOf(name, quiet),
    alert_rule_test: quietAt.map((at) => ({ eval_time: at, alertname: name, exp_alerts: [] })),
  },
];

beforeAll(async () => {
  promtool = await installPromtool();
  await writeFile(join(folder.path, "rules.yaml"), stringify(bareRules()));
});
afterAll(() => folder.remove());

describe("the alert rules, by promtool", () => {
  it("are valid, as the chart ships them", async () => {
    expect(await runCommand(promtool, ["check", "rules", rulesFile])).toContain(`SUCCESS: ${alerts.length} rules found`);
  });

  it("have a case each", () => {
    expect(Object.keys(alertCases).sort()).toEqual(alerts.map(({ name }) => name).sort());
  });

  it.each(alerts.map(({ name, severity }) => [name, severity] as const))("%s fires in time, and not before", async (name, severity) => {
    const tests = (alertCases[name] ?? []).flatMap((one) => testOf(name, severity, one));
    expect(tests.length).toBeGreaterThan(0);
    const file = join(folder.path, `${name}.yaml`);
    await writeFile(file, stringify({ rule_files: ["rules.yaml"], evaluation_interval: "15s", tests }));
    expect(await runCommand(promtool, ["test", "rules", file])).toContain("SUCCESS");
  });

  it("render their texts", async () => {
    const shipped = parse(await readFile(rulesFile, "utf8"));
    const rule = shipped.groups[0].rules.find(({ alert }: { alert: string }) => alert === "CarillonQueueStuck");
    await writeFile(join(folder.path, "shipped.yaml"), stringify(shipped));
    const file = join(folder.path, "texts.yaml");
    const tests = [
      {
        interval: "15s",
        input_series: seriesOf("", { 'carillon_queue_stalled_seconds{topic="t",group="g",instance="a"}': "0+15x40" }),
        alert_rule_test: [
          {
            eval_time: "5m",
            alertname: "CarillonQueueStuck",
            exp_alerts: [
              {
                exp_labels: { severity: "page", topic: "t", group: "g" },
                exp_annotations: { ...rule.annotations, summary: "A partition of t has made no progress for 5m 0s" },
              },
            ],
          },
        ],
      },
    ];
    await writeFile(file, stringify({ rule_files: ["shipped.yaml"], evaluation_interval: "15s", tests }));
    expect(await runCommand(promtool, ["test", "rules", file])).toContain("SUCCESS");
  });
});

describe("the metrics, by promtool", () => {
  it("follow Prometheus' conventions of names", async () => {
    const metrics = createMetrics();
    metrics.deadLetters.inc({ stage: "validate", code: "UNDECODABLE" });
    metrics.lag.set({ group: "g", topic: "t" }, 1);
    expect(await runCommand(promtool, ["check", "metrics"], { input: await metrics.registry.metrics() })).toBe("");
  });
});
