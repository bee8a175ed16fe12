/** A panel of Grafana's dashboard. */
export interface PanelOptions {
  readonly title: string;
  /** What the panel shows, with its unit of time, and how to read it. */
  readonly doc: string;
  readonly unit: "short" | "s" | "percentunit" | "ops" | "bytes";
  readonly queries: readonly Query[];
}

interface Query {
  readonly expr: string;
  readonly legend: string;
}

const within = (labels: string): string => `{namespace=~"$namespace"${labels === "" ? "" : `,${labels}`}}`;

/** The series of the namespaces that the dashboard's user has selected. */
export const selected = within("");

/** The rate per second of a counter, over the interval that Grafana chooses. */
export const rate = (metric: string, labels = ""): string => `rate(${metric}${within(labels)}[$__rate_interval])`;
