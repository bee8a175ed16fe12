import type { ChannelRules } from "../channels/channel-definition.js";
import { bytesOf, type ContentPart, contentParts, isGiven, partRulesOf, type TextPart } from "../channels/content-parts.js";
import type { Finding } from "../channels/finding.js";
import { type ChannelSettings, rulesOf } from "../channels/rules-of.js";
import type { Channel, Content } from "../schemas/generated.js";
import { checkLines } from "./check-lines.js";
import type { Limits } from "./limits.js";

/** Parts that the channel does not support. */
const strangeParts = (channel: Channel, content: Content): ContentPart[] => {
  const { parts } = rulesOf(channel).content;
  return contentParts.filter((part) => isGiven(content[part]) && !parts.includes(part));
};

/** Refuses files and addresses that the channel does not support, because the recipient would miss them. */
const checkParts = (channel: Channel, content: Content): Finding[] =>
  strangeParts(channel, content)
    .filter((part) => !partRulesOf(part).mayBeLeftOut)
    .map((part) => ({
      field: `content.${part}`,
      reason: "invalid_content",
      problem: `is present, but ${channel} carries none`,
      fix: `leave it out: ${channel} carries ${rulesOf(channel).content.parts.join(", ")}`,
    }));

const checkSize = (channel: Channel, content: Content, limits: Limits): Finding[] => {
  const size = bytesOf(content);
  const most = rulesOf(channel).content.maxBytes?.(limits) ?? limits.contentBytes;
  if (size <= most) return [];
  const problem = `has ${size} bytes, at most ${most} are allowed`;
  return [{ field: "content", reason: "content_too_large", problem, fix: "shorten it, or link to large content" }];
};

/** Checks a templated message's own parts as they are. The rest is checked after rendering. */
export const checkOwnParts = (channel: Channel, content: Content, limits: Limits): Finding[] => [
  ...checkLines(content),
  ...checkParts(channel, content),
  ...checkSize(channel, content, limits),
];

const missingParts = (needs: readonly TextPart[], { label }: ChannelRules<ChannelSettings>, content: Content): Finding[] => {
  if (needs.some((part) => content[part])) return [];
  const [only, ...others] = needs;
  const reason = "invalid_content";
  if (others.length === 0) return [{ field: `content.${only}`, reason, problem: "is missing", fix: `give the ${only} of the ${label}` }];
  const given = needs.map((part) => `content.${part}`).join(", ");
  const fix = `give ${given}${others.length === 1 ? " or both" : ", or several of them"}`;
  return [{ field: "content", reason, problem: `has neither ${needs.join(" nor ")}`, fix }];
};

/** Checks rendered content against the channel's rules. */
export const checkContent = (channel: Channel, content: Content, limits: Limits): Finding[] => {
  const rules = rulesOf(channel);
  const tooLarge = checkSize(channel, content, limits);
  return [
    ...missingParts(rules.content.requiresOneOf, rules, content),
    ...checkLines(content),
    ...checkParts(channel, content),
    ...tooLarge,
    ...(tooLarge.length === 0 ? (rules.content.check?.(content, limits) ?? []) : []),
  ];
};

/** Warnings about allowed content that may be a mistake. A template's content is not known yet. */
export const warnOfContent = (channel: Channel, content: Content, limits: Limits, hasTemplate: boolean): Finding[] => {
  const { parts, warn } = rulesOf(channel).content;
  return [
    ...strangeParts(channel, content).map(
      (part): Finding => ({
        field: `content.${part}`,
        reason: "invalid_content",
        problem: `is not sent: ${channel} carries ${parts.join(", ")}`,
        fix: "leave it out unless other channels need it",
      }),
    ),
    ...(hasTemplate ? [] : (warn?.(content, limits) ?? [])),
  ];
};
