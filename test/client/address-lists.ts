/**
 * Addresses by the rule that allows or forbids them. These are Carillon's own test data; no example of a registered domain is ever sent to.
 */

export interface ValidAddress {
  readonly rule: string;
  readonly text: string;
  /** The normal form. */
  readonly normal: string;
}

export interface InvalidAddress {
  readonly rule: string;
  readonly text: string;
  /** The refusal's message. */
  readonly says: RegExp;
}

const valid = (rule: string, text: string, normal = text): ValidAddress => ({ rule, text, normal });
const invalid = (rule: string, text: string, says: RegExp): InvalidAddress => ({ rule, text, says });

const x = (count: number): string => "x".repeat(count);
const domainOf189 = `${x(63)}.${x(63)}.${x(53)}.example`;

export const validEmails: readonly ValidAddress[] = [
  valid("RFC 5321, 4.1.2: dot-string", "first.last@shop.example"),
  valid("RFC 5321, 4.1.2: every mark of atext", "!#$%&'*+-/=?^_`{|}~@shop.example"),
  valid("RFC 5321, 4.1.2: one character", "a@b.example"),
  valid("RFC 5321, 4.1.2: digits alone", "0123456789@shop.example"),
  valid("RFC 5233: subaddress", "ann+orders@shop.example"),
  valid("RFC 5321, 2.4: the local part keeps its case, the domain has none", "Ann@Shop.EXAMPLE", "Ann@shop.example"),
  valid("RFC 5321, 4.1.2: quoted string", '"ann smith"@shop.example'),
  valid("RFC 5321, 4.1.2: quoted @", '"ann@home"@shop.example'),
  valid("RFC 5321, 4.1.2: quoted dots", '"..ann"@shop.example'),
  valid("RFC 5321, 4.1.2: quotes without need mean nothing", '"ann.smith"@shop.example', "ann.smith@shop.example"),
  valid("RFC 5321, 4.1.2: a quoted pair without need means nothing", String.raw`"a\nn"@shop.example`, "ann@shop.example"),
  valid("RFC 5321, 4.1.2: quoted quote", String.raw`"ann \"a\" smith"@shop.example`),
  valid("RFC 5321, 4.5.3.1.1: 64 bytes before the @", `${x(64)}@shop.example`),
  valid("RFC 1035, 2.3.4: a label of 63 bytes", `a@${x(63)}.example`),
  valid("RFC 5321, 4.5.3.1.3: 254 bytes in all", `${x(64)}@${domainOf189}`),
  valid("RFC 1123, 2.1: a label of digits", "a@123.example"),
  valid("RFC 5890, 2.3.1: a hyphen within a label", "a@my-shop.example"),
  valid("RFC 5890: A-label as it is", "a@xn--bcher-kva.example"),
  valid("RFC 5890: U-label becomes an A-label", "a@bücher.example", "a@xn--bcher-kva.example"),
  valid("RFC 5894: sharp s is a letter of its own", "a@faß.example", "a@xn--fa-hia.example"),
  valid("UTS #46: upper case and full width are mapped", "a@ＢÜcher.example", "a@xn--bcher-kva.example"),
  valid("UTS #46: the ideographic full stop is a dot", "a@shop。example", "a@shop.example"),
  valid("RFC 5893: right-to-left label", "a@דוגמה.example", "a@xn--6dbbec0c.example"),
  valid("RFC 5892: mixed scripts show themselves as an A-label", "a@раypal.example", "a@xn--ypal-43d9g.example"),
  valid("RFC 6531: local part beyond ASCII", "δοκιμή@παράδειγμα.example", "δοκιμή@xn--hxajbheg2az3al.example"),
  valid("RFC 6532, 3.1: composed form", "jose\u0301@shop.example", "jos\u00e9@shop.example"),
  valid("RFC 6531: emoji in its coloured form", "\u2764\ufe0f@shop.example"),
  valid("RFC 6531: quoted beyond ASCII", '"josé smith"@shop.example'),
  valid("surrounding spaces are no part of it", "  ann@shop.example\n", "ann@shop.example"),
];

export const invalidEmails: readonly InvalidAddress[] = [
  invalid("RFC 5321, 4.1.2: no @", "ann.shop.example", /no @/),
  invalid("RFC 5321, 4.1.2: nothing before the @", "@shop.example", /nothing before/),
  invalid("RFC 5321, 4.1.2: nothing after the @", "ann@", /nothing after/),
  invalid("RFC 5321, 4.1.2: two @", "ann@home@shop.example", /more than one @/),
  invalid("RFC 5321, 4.1.2: dot at the start", ".ann@shop.example", /begins or ends with a dot/),
  invalid("RFC 5321, 4.1.2: dot at the end", "ann.@shop.example", /begins or ends with a dot/),
  invalid("RFC 5321, 4.1.2: two dots", "ann..smith@shop.example", /two dots/),
  invalid("RFC 5321, 4.1.2: space outside quotes", "ann smith@shop.example", /must be quoted/),
  invalid("RFC 5321, 4.1.2: bracket outside quotes", "ann[1]@shop.example", /must be quoted/),
  invalid("RFC 5321, 4.1.2: quote within a dot-string", 'an"n@shop.example', /must be quoted/),
  invalid("RFC 5321, 4.1.2: quoted string with a tail", '"ann"smith@shop.example', /not well-formed/),
  invalid("RFC 5321, 4.1.2: quoted string without its end", '"ann@shop.example', /not well-formed/),
  invalid("RFC 5321, 4.1.2: empty quoted string", '""@shop.example', /not well-formed/),
  invalid("RFC 5321, 4.1.2: angle bracket, which ends the path", '"ann>smith"@shop.example', /alone/),
  invalid("RFC 5322, 3.4: a name belongs into a header", "Ann <ann@shop.example>", /alone/),
  invalid("RFC 5322, 3.4: two addresses", "ann@shop.example, bob@shop.example", /more than one/),
  invalid("RFC 5322, 3.4: a group", "Team: ann@shop.example;", /more than one/),
  invalid("RFC 5322, 3.2.2: comment before the @", "ann(home)@shop.example", /comment/),
  invalid("RFC 5322, 3.2.2: comment after the @", "ann@(home)shop.example", /comment/),
  invalid("RFC 5321, 4.5.3.1.1: 65 bytes before the @", `${x(65)}@shop.example`, /64 bytes/),
  invalid("RFC 5321, 4.5.3.1.1: bytes, not characters", `${"é".repeat(33)}@shop.example`, /64 bytes/),
  invalid("RFC 1035, 2.3.4: a label of 64 bytes", `a@${x(64)}.example`, /63 bytes/),
  invalid("RFC 1035, 2.3.4: a label of 64 bytes as A-label", `a@${"ü".repeat(60)}.example`, /63 bytes/),
  invalid("RFC 1035, 2.3.4: a domain of 255 bytes", `a@${`${x(61)}.`.repeat(4)}example`, /253 bytes/),
  invalid("RFC 5321, 4.5.3.1.3: 255 bytes in all", `${x(64)}@${domainOf189}s`, /254 bytes/),
  invalid("RFC 1035, 2.3.1: hyphen at the start", "a@-shop.example", /hyphen/),
  invalid("RFC 1035, 2.3.1: hyphen at the end", "a@shop-.example", /hyphen/),
  invalid("RFC 1035, 2.3.1: empty label", "a@shop..example", /empty label/),
  invalid("RFC 1035, 2.3.1: dot at the start", "a@.shop.example", /empty label/),
  invalid("RFC 5321, 4.1.2: dot at the end", "a@shop.example.", /empty label/),
  invalid("RFC 1035, 2.3.1: underscore", "a@my_shop.example", /no domain name/),
  invalid("RFC 5321, 2.3.5: a name without a dot", "ann@localhost", /without a dot/),
  invalid("RFC 5321, 4.1.3: IPv4 address", "user@192.0.2.1", /IP address/),
  invalid("RFC 5321, 4.1.3: what readers take for an IPv4 address", "user@192.0.2.0x1", /IP address/),
  invalid("RFC 3696, 2: number in the place of the top-level domain", "user@shop.42", /IP address or a number/),
  invalid("RFC 5321, 4.1.3: address literal", "user@[192.0.2.1]", /address literal/),
  invalid("RFC 5321, 4.1.3: IPv6 address literal", "user@[IPv6:2001:db8::1]", /address literal/),
  invalid("RFC 3492: A-label that does not decode", "a@xn--a.example", /no domain name/),
  invalid("RFC 5891, 4.2.3.1: A-label of ASCII", "a@xn--shop-.example", /no domain name|hyphen/),
  invalid("RFC 5893: left-to-right label with a letter of the other direction", "a@aדb.example", /no domain name/),
  invalid("RFC 5892: hidden hyphen, which UTS #46 would drop", "a@sh\u00adop.example", /hidden/),
  invalid("RFC 5892: zero-width space", "a@sh\u200bop.example", /hidden/),
  invalid("RFC 5892, A.1: a joiner that joins nothing", "a@sh\u200dop.example", /no domain name/),
  invalid("RFC 6532: hidden override before the @", "an\u202en@shop.example", /must be quoted/),
  invalid("RFC 6532: no-break space before the @", "an\u00a0n@shop.example", /must be quoted/),
  invalid("Unicode: a letter that shows nothing before the @", "an\u3164n@shop.example", /must be quoted/),
  invalid("Unicode: a blank pattern of Braille before the @", "\u2800@shop.example", /must be quoted/),
  invalid("RFC 5321, 4.1.2: line break", "ann@shop.example\r\nRCPT TO:<bob@shop.example>", /line break/),
  invalid("RFC 5321, 4.1.2: NUL", "ann\0@shop.example", /control character U\+0000/),
  invalid("ISO 6429: next line", "ann\u0085@shop.example", /line break/),
];

export const validMailboxes: readonly ValidAddress[] = [
  valid("RFC 5322, 3.4: address alone", "ann@shop.example"),
  valid("RFC 5322, 3.4: angle brackets without a name", "<ann@shop.example>", "ann@shop.example"),
  valid("RFC 5322, 3.2.5: phrase", "Ann Smith <ann@shop.example>"),
  valid("RFC 5322, 3.2.5: no space before the bracket", "Shop<ann@shop.example>", "Shop <ann@shop.example>"),
  valid("RFC 5322, 4.1: dot in a phrase", "Dr. Ann <ann@shop.example>", '"Dr. Ann" <ann@shop.example>'),
  valid("RFC 5322, 3.2.4: quoted comma", '"Smith, Ann" <ann@shop.example>'),
  valid("RFC 5322, 3.2.4: quoted quote", String.raw`"Ann \"A\"" <ann@shop.example>`),
  valid("RFC 5322, 3.2.4: an address for a name stays a name", '"bob@shop.example" <ann@shop.example>'),
  valid("RFC 6532: name beyond ASCII", "Grüße 東京 <ann@shop.example>"),
  valid("RFC 5322, 3.2.4: quotes without need", '"Ann" <ann@shop.example>', "Ann <ann@shop.example>"),
  valid("RFC 5890: domain becomes A-labels", "Shop <ann@bücher.example>", "Shop <ann@xn--bcher-kva.example>"),
];

export const invalidMailboxes: readonly InvalidAddress[] = [
  invalid("RFC 5322, 3.4: a name alone", "Shop", /no @/),
  invalid("RFC 5322, 3.4: a name with nothing in brackets", "Shop <>", /no @/),
  invalid("RFC 5322, 3.4: two mailboxes", "ann@shop.example, bob@shop.example", /2 addresses/),
  invalid("RFC 5322, 3.2.3: comma outside quotes", "Smith, Ann <ann@shop.example>", /2 addresses/),
  invalid("RFC 5322, 3.4: group", "Team: ann@shop.example;", /group/),
  invalid("RFC 5322, 3.4: empty group", "undisclosed-recipients:;", /group/),
  invalid("RFC 5322, 3.2.2: comment", "Ann (home) <ann@shop.example>", /must stand in quotes/),
  invalid("RFC 5322, 3.4: something after the bracket", "Ann <ann@shop.example> home", /alone/),
  invalid("RFC 5322, 3.4: brackets in brackets", "Ann <<ann@shop.example>>", /must stand in quotes/),
  invalid("RFC 5322, 3.4: two addresses in brackets", "Ann <ann@shop.example> <bob@shop.example>", /must stand in quotes/),
  invalid("RFC 5322, 3.2.4: quote without its end", '"Ann <ann@shop.example>', /must stand in quotes/),
  invalid("RFC 2047: a name that is encoded already", "=?utf-8?q?Ann?= <ann@shop.example>", /encoded/),
  invalid("RFC 5322, 2.2: line break and another header", "Shop <shop@example.com>\r\nBcc: victim@example.net", /line break/),
  invalid("RFC 5322, 2.2: folded line", "Shop\r\n <shop@example.com>", /line break/),
  invalid("Unicode: line separator", "Shop\u2028 <shop@example.com>", /line break/),
  invalid("Unicode: a name that reads backwards", "\u202emoc.elpmaxe@pohs\u202c <ann@shop.example>", /reorders/),
  invalid("a control character in quotes", '"Shop\u001b[2J" <ann@shop.example>', /U\+001B/),
];

export const validNumbers: readonly ValidAddress[] = [
  valid("E.164: plus sign and digits", "+14155550100"),
  valid("E.164: the shortest of small plans", "+2908123", "+2908123"),
  valid("RFC 3966, 3: visual separators", "+1 (415) 555-0100", "+14155550100"),
  valid("RFC 3966, 3: dots", "+1.415.555.0100", "+14155550100"),
  valid("RFC 3966, 3: tel URI", "tel:+1-415-555-0100", "+14155550100"),
  valid("surrounding spaces are no part of it", " +14155550100\n", "+14155550100"),
];

export const invalidNumbers: readonly InvalidAddress[] = [
  invalid("E.164: no plus sign", "14155550100", /E\.164/),
  invalid("E.164: international prefix instead of the plus sign", "0014155550100", /E\.164/),
  invalid("E.164: national number", "(415) 555-0100", /E\.164/),
  invalid("E.164: letters after it", "+919876543210abc", /E\.164/),
  invalid("E.164: letters for digits", "+1-800-FLOWERS", /E\.164/),
  invalid("E.164: words before it", "call +14155550100", /E\.164/),
  invalid("E.164: two numbers", "+14155550100, +14155550101", /E\.164/),
  invalid("E.164: two plus signs", "+1+4155550100", /E\.164/),
  invalid("E.164: more than 15 digits", "+1234567890123456", /country uses/),
  invalid("E.164: a country code of nobody", "+99912345678", /E\.164|country uses/),
  invalid("E.164: too few digits", "+1415555", /country uses/),
  invalid("RFC 3966, 5.3: extension", "tel:+1-415-555-0100;ext=5", /extension/),
  invalid("RFC 3966, 5.2: isdn subaddress", "tel:+1-415-555-0100;isub=12", /extension/),
  invalid("an extension in words", "+14155550100 ext. 5", /extension/),
  invalid("an extension by x", "+14155550100 x5", /extension/),
  invalid("an extension by #", "+14155550100#5", /extension/),
  invalid("RFC 3966, 5.1.5: local number with its context", "tel:555-0100;phone-context=+1415", /E\.164/),
  invalid("a line break within", "+1415\r\n5550100", /E\.164/),
];

/** Numbers by their type in the numbering plan. */
export const numbersByType: Readonly<Record<string, readonly string[]>> = {
  premium_rate: ["+19005550100", "+449012345678"],
  shared_cost: ["+491801234567", "+33810123456"],
  pager: ["+447640123456"],
  voicemail: ["+49177991234567"],
  mobile: ["+447400123456", "+919876543210"],
  toll_free: ["+18005550100"],
  fixed_line: ["+442079460123"],
};
