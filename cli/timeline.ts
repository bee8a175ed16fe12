import type { MessageView } from "../operations/message-view.js";
import { isReason, reasons } from "../schemas/reasons.js";
import { paint } from "./palette.js";
import { spanOf } from "./print.js";

const statusColor = (status: string): ((text: string) => string) => {
  if (status === "delivered") return paint.green;
  if (status === "failed" || status === "expired") return paint.red;
  return paint.yellow;
};

const meaningOf = (reason: string | null): string => (reason && isReason(reason) ? reasons[reason] : "");

type Step = MessageView["lineage"][number];

const markOf = (step: Step, last: boolean): string => {
  if (step.status === "delivered") return paint.green("✔");
  if (step.status === "failed" || step.status === "expired") return paint.red("✘");
  if (step.reason && step.status !== "queued") return paint.yellow("▲");
  return last ? "◌" : paint.dim("●");
};

const detailsOf = (step: Step): string => {
  const {
    nextAttempt,
    dueAt,
    detail,
    providerMessageId,
    segments,
    template,
    event,
    tookMs,
    reportedAt: _,
    expiresAt: __,
    exchange: ___,
    ...rest
  } = step.details;
  const parts = [
    nextAttempt && `attempt ${nextAttempt}${dueAt ? ` in ${spanOf(Date.parse(dueAt) - Date.parse(step.at))}` : ""}`,
    !nextAttempt && dueAt && `due ${dueAt}`,
    event,
    template && `template ${template}`,
    segments && `${segments} part${segments === "1" ? "" : "s"}`,
    detail,
    providerMessageId && `as ${providerMessageId}`,
    tookMs && Number(tookMs) >= 100 && `took ${spanOf(Number(tookMs))}`,
    ...Object.entries(rest).map(([name, value]) => `${name}: ${value}`),
  ];
  return parts.filter(Boolean).join(" · ");
};

const outcomeOf = (step: Step): string => {
  const outcome = step.outcome === "ok" ? (step.status ?? "ok") : step.outcome.replaceAll("_", " ");
  return step.attempt > 0 ? `${outcome} (attempt ${step.attempt})` : outcome;
};

const dueMsOf = ({ acceptedAt, notBefore }: MessageView): number => Math.max(Date.parse(acceptedAt), notBefore ? Date.parse(notBefore) : 0);

const headline = (view: MessageView, to: string | null): string => {
  const spent = view.finalAt ? ` after ${spanOf(Math.max(0, Date.parse(view.finalAt) - dueMsOf(view)))}` : "";
  const attempts = view.attempts > 1 ? `, ${view.attempts} attempts` : "";
  const status = statusColor(view.status)(paint.bold(view.status));
  return `${paint.bold(view.channel)}${to ? ` to ${to}` : ""}  ${paint.dim(`${view.lane} · ${view.tenant} · ${view.id}`)}\n${status}${spent}${attempts}${view.reason ? `: ${meaningOf(view.reason)} ${paint.dim(`(${view.reason})`)}` : ""}`;
};

/** A message's lineage for people: when, where, what, why. */
export const renderTimeline = (view: MessageView, to: string | null = null): string => {
  const begin = Date.parse(view.acceptedAt);
  let shownWhy = "";
  let shownMore = "";
  const steps = view.lineage.map((step, index) => {
    const after = `+${spanOf(Math.max(0, Date.parse(step.at) - begin))}`.padStart(9);
    const [why, more] = [meaningOf(step.reason), detailsOf(step)];
    const text = [outcomeOf(step), why === shownWhy ? "" : paint.yellow(why), more === shownMore ? "" : paint.dim(more)]
      .filter((part) => part !== "" && part !== paint.yellow("") && part !== paint.dim(""))
      .join(paint.dim(" · "));
    [shownWhy, shownMore] = [why, more];
    return `  ${markOf(step, index === view.lineage.length - 1)} ${paint.dim(after)}  ${step.stage.padEnd(16)} ${text}`;
  });
  return [headline(view, to), ...steps].join("\n");
};
