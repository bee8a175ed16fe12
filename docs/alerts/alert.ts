/** An alert rule of Prometheus with its runbook entry. Texts are whole sentences, except for the summary. */
export interface Alert {
  readonly name: string;
  readonly expr: string;
  readonly for: string;
  /** `page` wakes the on-call engineer; `ticket` can wait until morning. */
  readonly severity: "page" | "ticket";
  /** The thing and its state, in Prometheus's template language. */
  readonly summary: string;
  /** The effect on messages, then the first action. */
  readonly description: string;
  readonly symptoms: string;
  /** Steps, in the order in which to take them. */
  readonly diagnosis: readonly string[];
  /** Actions, one for each cause. */
  readonly resolution: readonly string[];
}

/** Age of the oldest queued record above `seconds`, for each topic that matches `topics`. */
export const late = (topics: string, seconds: number): string => `max by (topic) (carillon_lag_seconds{topic=~"${topics}"}) > ${seconds}`;

/**
 * The increase of each counter. A counter that appears with its first increment has grown too, although Prometheus saw no smaller value:
 * such a series did not exist when the span began.
 */
export const grown = (counter: string, by: string, span: string): string =>
  `sum by (${by}) (increase(${counter}[${span}]) > 0 or (${counter} > 0 unless ${counter} offset ${span}))`;
