import { messagePanels } from "./grafana/message-panels.js";
import type { PanelOptions } from "./grafana/panel.js";
import { errorPanels, processPanels } from "./grafana/process-panels.js";
import { providerPanels } from "./grafana/provider-panels.js";
import { queuePanels } from "./grafana/queue-panels.js";

/** Grafana's dashboard, which `npm run generate` writes. It shows the figures of the console. */

const rows: readonly { readonly title: string; readonly panels: readonly PanelOptions[] }[] = [
  { title: "Queues", panels: queuePanels },
  { title: "Messages", panels: messagePanels },
  { title: "Providers", panels: providerPanels },
  { title: "Errors", panels: errorPanels },
  { title: "Processes", panels: processPanels },
];

const datasource = { type: "prometheus", uid: "$datasource" };
const [columns, panelWidth, panelHeight] = [24, 8, 8];

const panelOf = ({ title, doc, unit, queries }: PanelOptions, id: number, x: number, y: number) => ({
  id,
  type: "timeseries",
  title,
  description: doc,
  datasource,
  gridPos: { x, y, w: panelWidth, h: panelHeight },
  fieldConfig: { defaults: { unit, min: 0, custom: { lineWidth: 1, fillOpacity: 10, showPoints: "never" } }, overrides: [] },
  options: { legend: { displayMode: "list", placement: "bottom", showLegend: true }, tooltip: { mode: "multi", sort: "desc" } },
  targets: queries.map(({ expr, legend }, index) => ({ refId: String.fromCharCode(65 + index), datasource, expr, legendFormat: legend })),
});

/** The dashboard in the JSON format that Grafana imports. */
export const grafanaDashboard = (): string => {
  const panels: object[] = [];
  let y = 0;
  for (const { title, panels: own } of rows) {
    panels.push({ id: panels.length + 1, type: "row", title, collapsed: false, gridPos: { x: 0, y, w: columns, h: 1 }, panels: [] });
    y += 1;
    for (const [index, panel] of own.entries())
      panels.push(
        panelOf(panel, panels.length + 1, (index * panelWidth) % columns, y + Math.floor((index * panelWidth) / columns) * panelHeight),
      );
    y += Math.ceil((own.length * panelWidth) / columns) * panelHeight;
  }
  const dashboard = {
    uid: "carillon",
    title: "Carillon",
    tags: ["carillon"],
    schemaVersion: 39,
    version: 1,
    editable: true,
    refresh: "30s",
    time: { from: "now-6h", to: "now" },
    timezone: "browser",
    templating: {
      list: [
        { name: "datasource", type: "datasource", query: "prometheus", label: "Data source", current: {} },
        {
          name: "namespace",
          type: "query",
          label: "Namespace",
          datasource,
          query: "label_values(carillon_lag_records, namespace)",
          includeAll: true,
          allValue: ".*",
          multi: true,
          current: { text: "All", value: "$__all" },
          refresh: 2,
        },
      ],
    },
    annotations: { list: [] },
    panels,
  };
  return `${JSON.stringify(dashboard, null, 2)}\n`;
};
