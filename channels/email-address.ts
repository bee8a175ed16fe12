import { toASCII } from "tr46";
import { lineProblem } from "./one-line.js";
import { isRefusal, type Refusal, refuse } from "./refusal.js";

/** A deliverable email address: RFC 5321, 4.1.2, with local parts by RFC 6531 and the domain in A-labels. */
export interface EmailAddress {
  readonly address: string;
  readonly domain: string;
  /** Whether the local part needs SMTPUTF8 (RFC 6531). */
  readonly international: boolean;
}

const mostLocalOctets = 64;
const mostLabelOctets = 63;
const mostDomainOctets = 253;
const mostAddressOctets = 254;

const form = "give one address such as someone@example.com";
const notAnAddress = (problem: string): Refusal => refuse(problem, form);

/**
 * atext of RFC 5322, 3.2.3, and the UTF8-non-ascii of RFC 6532, 3.1, without invisible characters except joiners and variation selectors.
 */
const atom = /^(?:[\w!#$%&'*+/=?^`{|}~-]|(?![\p{C}\p{Z}\p{DI}\u2800])[^\0-\x7f]|\u200c|\u200d|\ufe0e|\ufe0f)+$/u;
/** A quoted string of RFC 5321, 4.1.2, without angle brackets, because many servers end the path at them. */
const quoted = /^"(?:[\x20!#-;=?-[\]-~]|\\[\x20-;=?-~]|(?![\p{C}\p{Z}\p{DI}\u2800])[^\0-\x7f])+"$/u;

const localProblem = (local: string): string | undefined => {
  if (local === "") return "has nothing before the @";
  if (Buffer.byteLength(local) > mostLocalOctets) return `has more than ${mostLocalOctets} bytes before the @ (RFC 5321, 4.5.3.1.1)`;
  if (local.startsWith('"')) return quoted.test(local) ? undefined : "has a quoted part that is not well-formed (RFC 5321, 4.1.2)";
  if (local.startsWith(".") || local.endsWith(".")) return "begins or ends with a dot before the @ (RFC 5321, 4.1.2)";
  if (local.includes("..")) return "has two dots in a row before the @ (RFC 5321, 4.1.2)";
  if (/[()]/.test(local)) return "has a comment, which an envelope cannot carry (RFC 5321, 4.1.2)";
  if (local.includes("@")) return "has more than one @";
  return local.split(".").every((part) => atom.test(part))
    ? undefined
    : "has a character before the @ that must be quoted (RFC 5321, 4.1.2)";
};

/** The local part in its shortest form. Source: RFC 5321, 4.1.2: unnecessary quotes have no meaning. */
const normalLocal = (local: string): string => {
  const composed = local.normalize("NFC");
  if (!composed.startsWith('"')) return composed;
  const bare = composed.slice(1, -1).replaceAll(/\\(.)/gu, "$1");
  const plain = bare.split(".").every((part) => atom.test(part));
  return plain ? bare : `"${bare.replaceAll(/["\\]/g, String.raw`\$&`)}"`;
};

const labelProblem = (label: string): string | undefined => {
  if (label === "") return "has an empty label in its domain (RFC 1035, 2.3.1)";
  if (label.length > mostLabelOctets) return `has a label of more than ${mostLabelOctets} bytes in its domain (RFC 1035, 2.3.4)`;
  if (label.startsWith("-") || label.endsWith("-")) return "has a label that begins or ends with a hyphen (RFC 1035, 2.3.1)";
  return undefined;
};

/** Labels that WHATWG URL parsers treat as part of an IPv4 address. */
const numeric = /^(?:\d+|0x[0-9a-f]*)$/i;

const domainProblem = (domain: string): string | undefined => {
  const labels = domain.split(".");
  const wrong = labels.map(labelProblem).find((problem) => problem !== undefined);
  if (wrong) return wrong;
  if (domain.length > mostDomainOctets) return `has a domain of more than ${mostDomainOctets} bytes (RFC 1035, 2.3.4)`;
  if (numeric.test(labels.at(-1) ?? "")) return "has an IP address or a number where a domain belongs (RFC 5321, 4.1.3)";
  if (labels.length < 2) return "has a domain without a dot (RFC 5321, 2.3.5)";
  return undefined;
};

/** Dots of other scripts, according to UTS #46. */
const foreignDots = /[\u3002\uff0e\uff61]/g;

/** A domain that is its own A-label form, except for case: ASCII labels, none of them encoded. Most are, and UTS #46 is slow. */
const plainDomain = /^(?!(?:.*\.)?xn--)[a-z\d.-]+$/i;

const strict = { checkBidi: true, checkJoiners: true, checkHyphens: false, useSTD3ASCIIRules: true, transitionalProcessing: false };

/** A domain in A-labels, lower case. Source: RFC 1035, 2.3; RFC 5890; UTS #46 with its strict options. */
export const readDomain = (text: string): { readonly domain: string } | Refusal => {
  if (text === "") return notAnAddress("has nothing after the @");
  if (text.startsWith("[")) return notAnAddress("has an address literal where a domain belongs, and Carillon sends to domains only");
  if (/[()]/.test(text)) return notAnAddress("has a comment, which an envelope cannot carry (RFC 5321, 4.1.2)");
  const dotted = text.replaceAll(foreignDots, ".");
  const wrong = dotted
    .split(".")
    .map((label) => (label === "" ? labelProblem("") : undefined))
    .find((problem) => problem !== undefined);
  if (wrong) return notAnAddress(wrong);
  if (/[\p{C}\p{Z}]/u.test(dotted.replaceAll(/[\u200c\u200d]/g, "")))
    return notAnAddress("has a space or a hidden character in its domain (RFC 5892)");
  const domain = plainDomain.test(dotted) ? dotted.toLowerCase() : toASCII(dotted, strict);
  if (domain === null) return notAnAddress("has a domain with characters that no domain name can have (RFC 5890, UTS #46)");
  const problem = domainProblem(domain);
  return problem === undefined ? { domain } : notAnAddress(problem);
};

/** One address without a name. Surrounding spaces are ignored. */
export const readEmailAddress = (text: string): EmailAddress | Refusal => {
  const trimmed = text.trim();
  const unfit = lineProblem(trimmed);
  if (unfit) return notAnAddress(unfit);
  const at = trimmed.lastIndexOf("@");
  if (at < 0) return notAnAddress("is not an email address: it has no @");
  const [local, after] = [trimmed.slice(0, at), trimmed.slice(at + 1)];
  if (/[<>]/.test(trimmed)) return notAnAddress("is not an email address alone");
  if (!local.startsWith('"') && /[,;]/.test(trimmed)) return notAnAddress("is more than one address");
  const wrong = localProblem(local);
  if (wrong) return notAnAddress(wrong);
  const read = readDomain(after);
  if (isRefusal(read)) return read;
  const normal = normalLocal(local);
  const address = `${normal}@${read.domain}`;
  if (Buffer.byteLength(normal) > mostLocalOctets)
    return notAnAddress(`has more than ${mostLocalOctets} bytes before the @ (RFC 5321, 4.5.3.1.1)`);
  if (Buffer.byteLength(address) > mostAddressOctets) return notAnAddress(`has more than ${mostAddressOctets} bytes (RFC 5321, 4.5.3.1.3)`);
  return { address, domain: read.domain, international: /[^\0-\x7f]/.test(normal) };
};
