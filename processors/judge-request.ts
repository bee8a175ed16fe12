import type { TenantSenders } from "../access/tenant-rules.js";
import type { Finding } from "../channels/finding.js";
import { checkStored, type MessageCheck } from "../client/check-message.js";
import type { MessageRequested } from "../schemas/generated.js";
import type { DeliveryPolicy } from "./policy.js";
import { inputOf } from "./request-input.js";
import { senderRefusal } from "./sender-policy.js";
import { sendersFor } from "./senders-for.js";

/** An id becomes part of headers, tags and timers. If it is empty, Carillon generates one. */
const idForm = /^[!-;=?-~]{0,200}$/;

const checkId = ({ id }: MessageRequested): Finding[] =>
  idForm.test(id)
    ? []
    : [
        {
          field: "id",
          reason: "invalid_request",
          problem: "is not a valid id",
          fix: "give at most 200 ASCII characters without spaces and angle brackets, or leave it empty",
        },
      ];

/**
 * Checks a request with the sender's own checks, plus two of Carillon's own: its id, and whether its tenant may use the sender.
 */
export const judgeRequest = (
  request: MessageRequested,
  topicLane: string,
  policy: DeliveryPolicy,
  senders: TenantSenders,
  nowMs: number,
): MessageCheck => {
  const check = checkStored(inputOf(request, topicLane), policy.limits, nowMs);
  const { message } = check;
  const refusal =
    message &&
    senderRefusal(message.channel, policy.channels[message.channel], request.tenant, message.from, sendersFor(senders, message.channel));
  const errors = [...check.errors, ...checkId(request), ...(refusal ? [refusal] : [])];
  return errors.length > 0 ? { errors, warnings: check.warnings, message: undefined } : check;
};
