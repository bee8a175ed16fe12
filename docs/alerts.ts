import type { Alert } from "./alerts/alert.js";
import { processAlerts } from "./alerts/process-alerts.js";
import { providerAlerts } from "./alerts/provider-alerts.js";
import { queueAlerts } from "./alerts/queue-alerts.js";
import { wrapText } from "./wrap-text.js";

/** The alert rules of Prometheus and their runbook, which `npm run generate` writes. */

const groups: readonly { readonly title: string; readonly alerts: readonly Alert[] }[] = [
  { title: "Queues", alerts: queueAlerts },
  { title: "Providers", alerts: providerAlerts },
  { title: "Processes and servers", alerts: processAlerts },
];

export const alerts: readonly Alert[] = groups.flatMap((group) => group.alerts);

/** The page that has the runbook. */
export const runbookPage = "docs/operating/alerts.md";

/** Rules in Prometheus's format. */
export const alertRules = (): object => ({
  groups: [
    {
      name: "carillon",
      rules: alerts.map(({ name, expr, for: held, severity, summary, description }) => ({
        alert: name,
        expr,
        for: held,
        labels: { severity },
        annotations: { summary, description, runbook_url: `${runbookPage}#${name.toLowerCase()}` },
      })),
    },
  ],
});

const stepsOf = (steps: readonly string[]): string => steps.map((step, index) => wrapText(`${index + 1}. ${step}`, "   ")).join("\n");
const casesOf = (cases: readonly string[]): string => cases.map((one) => wrapText(`- ${one}`, "  ")).join("\n");

const entryOf = ({ name, description, symptoms, diagnosis, resolution, severity }: Alert): string => `### ${name}

${wrapText(`${severity === "page" ? "Pages the person on call." : "Opens a ticket."} ${description}`)}

**Symptoms**

${wrapText(symptoms)}

**Diagnosis**

${stepsOf(diagnosis)}

**Resolution**

${casesOf(resolution)}
`;

/** The runbook: an entry for each alert, by subject. */
export const runbook = (): string => groups.map(({ title, alerts: own }) => `## ${title}\n\n${own.map(entryOf).join("\n")}`).join("\n");
