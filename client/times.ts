import type { Finding } from "../channels/finding.js";

/** When a message may be sent first and last, milliseconds since 1970 UTC. */
export interface Times {
  readonly notBefore: number | null;
  readonly expiresAt: number | null;
}

export const noTimes: Times = { notBefore: null, expiresAt: null };

/** Clocks differ, and a sender may mean "now": what has passed by less than this is not worth a warning. */
const toleranceMs = 1_000;
/** No sender can mean a later expiry. */
const furthestExpiryMs = 100 * 365 * 86_400_000;

const finding = (field: string, problem: string, fix: string): Finding => ({ field, reason: "invalid_request", problem, fix });

const daysOf = (ms: number): string => `${Math.floor(ms / 86_400_000)} days`;

/** What is wrong with a message's times. `aheadMs`: how far ahead notBefore may lie. */
export const checkTimes = ({ notBefore, expiresAt }: Times, aheadMs: number, nowMs: number): Finding[] => {
  const findings: Finding[] = [];
  if (notBefore !== null && notBefore > nowMs + aheadMs)
    findings.push(
      finding("notBefore", `lies more than ${daysOf(aheadMs)} ahead`, "give an earlier time, or send the message when it is nearer"),
    );
  if (expiresAt !== null && expiresAt > nowMs + furthestExpiryMs)
    findings.push(finding("expiresAt", "lies more than 100 years ahead", "give an earlier time, or leave it out"));
  if (notBefore !== null && expiresAt !== null && notBefore >= expiresAt)
    findings.push(finding("notBefore", "is not before expiresAt", "give an earlier notBefore or a later expiresAt"));
  return findings.slice(0, 1);
};

/** When a message expires at the latest, whatever its sender asks for: what is kept for it is kept no longer. */
export const latestExpiry = ({ notBefore, expiresAt }: Times, aheadMs: number, acceptedAtMs: number): number | null =>
  expiresAt === null ? null : Math.min(expiresAt, Math.max(acceptedAtMs, notBefore ?? 0) + aheadMs);

/** Times that are allowed, and may not be what the sender meant. */
export const warnOfTimes = ({ notBefore, expiresAt }: Times, aheadMs: number, nowMs: number): Finding[] => {
  const warnings: Finding[] = [];
  if (notBefore !== null && notBefore < nowMs - toleranceMs)
    warnings.push(finding("notBefore", "has passed: the message is sent at once", "leave it out, or give a later time"));
  if (expiresAt !== null && expiresAt < nowMs)
    warnings.push(finding("expiresAt", "has passed: the message expires without being sent", "give a later time"));
  const latestMs = latestExpiry({ notBefore, expiresAt }, aheadMs, nowMs);
  if (expiresAt !== null && latestMs !== null && latestMs < expiresAt)
    warnings.push(
      finding(
        "expiresAt",
        `lies more than ${daysOf(aheadMs)} after the message is due`,
        `the message expires at ${new Date(latestMs).toISOString()}`,
      ),
    );
  return warnings;
};
