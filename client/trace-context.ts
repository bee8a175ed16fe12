/** The sender's trace context. */
export interface TraceContext {
  /** Converted to version 00. */
  readonly traceparent: string;
  readonly tracestate: string | null;
}

const parentForm = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(.*)$/s;
/** Sampled, and random trace id. Flags of later versions are not passed on. */
const knownFlags = 0x03;

/**
 * Converts a traceparent to version 00; undefined if invalid. For a later version, only the fields of version 00 are used. Source: W3C
 * Trace Context Level 2, 3.2.
 */
export const parseTraceparent = (text: string | undefined | null): string | undefined => {
  const [, version, traceId = "", parentId = "", flags = "", rest = ""] = parentForm.exec(text ?? "") ?? [];
  if (version === undefined || version === "ff" || /^0+$/.test(traceId) || /^0+$/.test(parentId)) return undefined;
  if (version === "00" ? rest !== "" : rest !== "" && !rest.startsWith("-")) return undefined;
  const kept = (Number.parseInt(flags, 16) & knownFlags).toString(16).padStart(2, "0");
  return `00-${traceId}-${parentId}-${kept}`;
};

const memberForm = /^([a-z0-9][a-z0-9_\-*/@]{0,255})=([\x20-\x2b\x2d-\x3c\x3e-\x7e]{0,255}[\x21-\x2b\x2d-\x3c\x3e-\x7e])$/;
const [mostMembers, mostCharacters, longMember] = [32, 8_192, 128];

/** A tracestate without empty members; undefined if any member is malformed. Source: W3C Trace Context Level 2, 3.3. */
export const parseTracestate = (text: string | undefined | null): string | undefined => {
  const members = (text ?? "")
    .split(",")
    .map((member) => member.replace(/^[ \t]+|[ \t]+$/g, ""))
    .filter((member) => member !== "");
  if (members.length === 0 || members.length > mostMembers) return undefined;
  const keys = members.map((member) => memberForm.exec(member)?.[1]);
  if (keys.includes(undefined) || new Set(keys).size < keys.length) return undefined;
  const joined = members.join(",");
  if (joined.length <= mostCharacters) return joined;
  // long members are dropped first. Source: W3C Trace Context Level 2, 3.3.1.5
  return members.filter((member) => member.length <= longMember).join(",") || undefined;
};

/** The parts of both headers to pass on: without a valid traceparent, no tracestate either. */
export const parseTraceContext = (
  traceparent: string | undefined | null,
  tracestate: string | undefined | null,
): TraceContext | undefined => {
  const parent = parseTraceparent(traceparent);
  return parent === undefined ? undefined : { traceparent: parent, tracestate: parseTracestate(tracestate) ?? null };
};
