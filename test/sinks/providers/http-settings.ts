/** How receipts are read. */
export const receipt = {
  id: "ref",
  state: "state",
  detail: "words",
  at: "when",
  states: {
    OK: { event: "delivered" as const },
    NO: { event: "permanent_failure" as const, reason: "recipient_rejected" as const },
    LATER: { event: "temporary_failure" as const, reason: "recipient_unavailable" as const },
  },
};

/** The configuration of a provider at this address. */
export const settingsOf = (url: string, more: object = {}) => ({
  url: `${url}/send/{{ tenant | url_encode }}`,
  fields: { "message.to": "{{ to }}", "message.body": "{{ text }}", ref: "{{ token }}", from: "{{ from }}" },
  auth: { kind: "header", header: "x-key", secret: "s3cret" },
  answer: {
    id: "data.0.id",
    code: "code",
    okCodes: ["0"],
    errors: {
      "17": { kind: "permanent_failure", reason: "recipient_rejected" },
      "88": { kind: "throttled", reason: "provider_throttled" },
    },
  },
  receipt,
  status: { url: `${url}/status/{{ id }}`, state: "result.state", detail: "result.words" },
  ...more,
});
