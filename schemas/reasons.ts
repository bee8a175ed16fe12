/** The closed list of reasons: "why was it not delivered?" is a query on these. */
export const reasons = {
  invalid_recipient: "the recipient is not an address of the channel",
  invalid_content: "the content is missing or does not fit the channel",
  invalid_request: "a field of the request is wrong",
  sender_not_allowed: "the tenant may not send as the sender that the message names",
  content_too_large: "the content is larger than the channel takes",
  unknown_channel: "there is no such channel",
  unknown_lane: "there is no such lane",
  unknown_template: "there is no such template for the channel",
  template_failed: "the template could not be rendered with these variables",
  duplicate_request: "the same message was requested before",
  idempotency_conflict: "its idempotency key was used before, for other content: this request is not sent",
  expired_before_send: "its expiry passed before it could be sent",
  expired_before_retry: "its expiry would pass before the next attempt",
  attempts_exhausted: "the last allowed attempt failed",
  no_receipt: "the provider said nothing by the channel's deadline",
  recipient_rejected: "the provider or the recipient's server refuses this recipient",
  content_rejected: "the provider refuses this content",
  sender_rejected: "the provider refuses this sender",
  account_rejected: "the provider refuses our account or its credentials",
  endpoint_disabled: "the device's endpoint is disabled",
  recipient_unavailable: "the recipient takes no message now",
  provider_unavailable: "the provider failed or did not answer",
  provider_throttled: "the provider asked us to slow down",
  provider_timeout: "the provider did not answer in time: it may have sent the message or not",
  outcome_unknown: "the provider reports that it does not know whether the message was delivered",
  ambiguous_send: "a worker ended between claim and outcome: the message may have been sent or not",
  end_untold: "how it ended was decided, and the step that tells why was lost, as can be with at_most_once",
  complained: "the recipient marked it as unwanted",
  discarded: "it went to dead-letters and was given up there",
  recipient_erased: "its recipient was erased, by command, before it had ended",
  critical_quota: "its tenant's quota of critical messages was used up, so it went by the high lane",
  not_yet_due: "it waits for its notBefore",
} as const;

export type Reason = keyof typeof reasons;

export const isReason = (value: string): value is Reason => Object.hasOwn(reasons, value);
