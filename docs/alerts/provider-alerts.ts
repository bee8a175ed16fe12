import { type Alert, grown } from "./alert.js";

const refused = 'sum by (provider) (increase(carillon_callbacks_total{status=~"4..",provider!="unknown"}[30m]))';

/** Alerts about providers and their receipts. */
export const providerAlerts: readonly Alert[] = [
  {
    name: "CarillonProviderCircuitOpen",
    expr: "max by (channel, provider) (carillon_provider_breaker) == 2",
    for: "2m",
    severity: "page",
    summary: "The circuit of {{ $labels.provider }} ({{ $labels.channel }}) is open",
    description:
      "Its messages fail over to other providers, or stay queued. Check its errors in the console, and the provider's status page.",
    symptoms: "The provider failed repeatedly or did not answer, and Carillon stopped calling it.",
    diagnosis: [
      "Run `carillon providers`.",
      "Run `carillon why` for one of its messages, and read the provider's last answer.",
      "Check the provider's status page.",
    ],
    resolution: [
      "Provider that recovers: wait. Carillon probes it and closes the circuit.",
      "Longer outage: put another provider first in `channels.<channel>.providers`, and restart `dispatch/*`.",
      "Wrong credentials: correct the Secret, and restart.",
    ],
  },
  {
    name: "CarillonProviderFails",
    expr: 'sum by (provider) (rate(carillon_provider_seconds_count{outcome!~"accepted|delivered|permanent_failure"}[10m])) / sum by (provider) (rate(carillon_provider_seconds_count[10m])) > 0.1',
    for: "10m",
    severity: "ticket",
    summary: "{{ $value | humanizePercentage }} of the calls to {{ $labels.provider }} fail",
    description: "Carillon retries the messages, or fails over to another provider. Read the provider's answers with `carillon why`.",
    symptoms: "More than a tenth of the calls to a provider end in temporary failures, throttling or timeouts.",
    diagnosis: ["Compare the outcomes by provider on the dashboard.", "Run `carillon why` for one message of each outcome."],
    resolution: [
      "Throttled: lower `providers.<name>.limits.perSecond`.",
      "Temporary: wait, or lower the weight of the provider.",
      "Ambiguous: raise `delivery.sendTimeoutMs` above the provider's slowest answers.",
    ],
  },
  {
    name: "CarillonCallbacksRefused",
    expr: `${refused} / sum by (provider) (increase(carillon_callbacks_total[30m])) > 0.1 and ${refused} > 5`,
    for: "2m",
    severity: "ticket",
    summary: "Carillon refuses callbacks of {{ $labels.provider }}",
    description:
      "Receipts are missing until the configured callback authentication matches. Compare `providers.<name>.callback` with the provider's settings.",
    symptoms: "Carillon answers more than a tenth of a provider's callbacks with 4xx.",
    diagnosis: [
      "Group `carillon_callbacks_total` by status.",
      "401: the token, the password, the signature or the address does not match.",
      "400: the body differs from the provider's documentation.",
    ],
    resolution: ["Correct `providers.<name>.callback`. Where the provider has an API for it, the daily pull fetches the missed receipts."],
  },
  {
    name: "CarillonUnknownStates",
    expr: grown("carillon_unknown_states_total", "provider", "1h"),
    for: "0m",
    severity: "ticket",
    summary: "{{ $labels.provider }} reports states that are unknown to Carillon",
    description: "Receipts with these states decide nothing, and their messages may end as expired. Read the states in the log.",
    symptoms: "A receipt has a state that is not in the provider's table.",
    diagnosis: [
      "Search the log for `not in the provider's table`. Carillon logs each state once.",
      "Run `carillon why` for one of the messages: it shows the state.",
    ],
    resolution: [
      "Provider `http`: add the state to `providers.<name>.receipt.states`, and restart.",
      "Other providers: compare the state with the provider's documentation, and report it to Carillon's maintainers.",
    ],
  },
];
