import type { Finding } from "../channels/finding.js";

/** The earliest and latest time to send a message, in milliseconds since 1970 UTC. */
export interface Times {
  readonly notBefore: number | null;
  readonly expiresAt: number | null;
}

export const noTimes: Times = { notBefore: null, expiresAt: null };

/** Clocks differ, and a sender may mean "now": a time that passed less than this long ago causes no warning. */
const toleranceMs = 1_000;
/** A later expiry is implausible. */
const furthestExpiryMs = 100 * 365 * 86_400_000;

const finding = (field: string, problem: string, fix: string): Finding => ({ field, reason: "invalid_request", problem, fix });

const daysOf = (ms: number): string => `${Math.floor(ms / 86_400_000)} days`;

/** Problems of a message's times, at most one for each. `aheadMs`: latest notBefore from now. */
export const checkTimes = ({ notBefore, expiresAt }: Times, aheadMs: number, nowMs: number): Finding[] => {
  const findings: Finding[] = [];
  if (notBefore !== null && notBefore > nowMs + aheadMs)
    findings.push(
      finding("notBefore", `lies more than ${daysOf(aheadMs)} ahead`, "give an earlier time, or send the message when it is nearer"),
    );
  else if (notBefore !== null && expiresAt !== null && notBefore >= expiresAt)
    findings.push(finding("notBefore", "is not before expiresAt", "give an earlier notBefore or a later expiresAt"));
  if (expiresAt !== null && expiresAt > nowMs + furthestExpiryMs)
    findings.push(finding("expiresAt", "lies more than 100 years ahead", "give an earlier time, or leave it out"));
  return findings;
};

/** The latest expiry of a message, whatever its sender requests. Data about the message is kept no longer. */
export const latestExpiry = ({ notBefore, expiresAt }: Times, aheadMs: number, acceptedAtMs: number): number | null =>
  expiresAt === null ? null : Math.min(expiresAt, Math.max(acceptedAtMs, notBefore ?? 0) + aheadMs);

/** Warnings about allowed times that may be a mistake. */
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
