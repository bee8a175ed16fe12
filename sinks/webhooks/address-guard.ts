import ipaddr from "ipaddr.js";

type Address = ipaddr.IPv4 | ipaddr.IPv6;

/** Always closed: addresses where clouds hand out the machine's credentials, and addresses that are not a single receiver. */
const closed: readonly (readonly [range: string, what: string])[] = [
  ["169.254.0.0/16", "link-local, used for cloud metadata"],
  ["100.100.100.200/32", "cloud metadata"],
  ["192.0.0.192/32", "cloud metadata"],
  ["168.63.129.16/32", "cloud metadata"],
  ["0.0.0.0/8", "not a destination"],
  ["224.0.0.0/4", "multicast"],
  ["255.255.255.255/32", "broadcast"],
  ["fe80::/10", "link-local"],
  ["fd00:ec2::/32", "cloud metadata"],
  ["fd20:ce::254/128", "cloud metadata"],
  ["fd00:c1::a9fe:a9fe/128", "cloud metadata"],
  ["ff00::/8", "multicast"],
  ["::/128", "not a destination"],
];

const isIn = (address: Address, range: string): boolean => {
  const [network, bits] = ipaddr.parseCIDR(range);
  return address.kind() === network.kind() && address.match(network, bits);
};

const ipv4Of = (bytes: readonly number[]): ipaddr.IPv4 => new ipaddr.IPv4([...bytes]);

/** IPv4 addresses that an IPv6 address represents. Sources: RFC 4291, 2.5.5; RFC 6052; RFC 8215; RFC 3056; RFC 4380; RFC 5214; RFC 2765. */
const embeddedIn = (address: Address): { readonly instead?: ipaddr.IPv4; readonly also: readonly ipaddr.IPv4[] } => {
  if (address.kind() === "ipv4") return { also: [] };
  const bytes = address.toByteArray();
  const last = ipv4Of(bytes.slice(12));
  // mapped, or translated by NAT64: the connection goes to the IPv4 address
  if (isIn(address, "::ffff:0:0/96") || isIn(address, "64:ff9b::/96") || isIn(address, "::ffff:0:0:0/96"))
    return { instead: last, also: [] };
  if (isIn(address, "64:ff9b:1::/48")) {
    const inPrefix = ipv4Of([...bytes.slice(6, 8), ...bytes.slice(9, 11)]);
    return { also: [last, inPrefix].filter((one) => one.toString() !== "0.0.0.0") };
  }
  if (isIn(address, "2002::/16")) return { also: [ipv4Of(bytes.slice(2, 6))] };
  if (isIn(address, "2001::/32")) return { also: [ipv4Of(bytes.slice(4, 8)), ipv4Of(bytes.slice(12).map((byte) => byte ^ 0xff))] };
  const isIsatap = bytes[8] !== undefined && (bytes[8] & 0xfd) === 0 && bytes[9] === 0 && bytes[10] === 0x5e && bytes[11] === 0xfe;
  if (isIsatap) return { also: [last] };
  return { also: isIn(address, "::/96") && !isIn(address, "::/127") ? [last] : [] };
};

/** Byte positions of an IPv4 address that a network translates with its own prefix. Source: RFC 6052, 2.2. */
const translatedPlaces: readonly (readonly number[])[] = [
  [4, 5, 6, 7],
  [5, 6, 7, 9],
  [6, 7, 9, 10],
  [7, 9, 10, 11],
  [9, 10, 11, 12],
  [12, 13, 14, 15],
];

/**
 * Metadata services that no network's own NAT64 prefix may lead to. Such prefixes are unknown, but only one in a billion other addresses
 * contains one of these by chance.
 */
const metadata: ReadonlySet<string> = new Set([
  "169.254.169.254",
  "169.254.169.253",
  "169.254.170.2",
  "169.254.170.23",
  "169.254.0.23",
  "100.100.100.200",
  "192.0.0.192",
  "168.63.129.16",
]);

const leadsToMetadata = (address: Address): boolean => {
  if (address.kind() === "ipv4") return false;
  const bytes = address.toByteArray();
  return translatedPlaces.some((places) => metadata.has(places.map((place) => bytes[place] ?? 0).join(".")));
};

/** IPv6 ranges that can contain public receivers: all allocated ones, and NAT64 within a site. Sources: RFC 4291, 2.4; RFC 8215. */
const isGlobal = (address: Address): boolean => address.kind() === "ipv4" || isIn(address, "2000::/3") || isIn(address, "64:ff9b:1::/48");

/** What calls an address, and the key that allows ranges, as errors name them. */
export interface AddressUse {
  readonly what: string;
  readonly key: string;
  /** How it is called with TLS, and without. */
  readonly secure: string;
  readonly insecure: string;
}

export const ofWebhooks: AddressUse = { what: "webhooks", key: "webhooks.allowAddresses", secure: "over https", insecure: "http" };

/** Webhooks of tenants' own. */
export const ofOwnWebhooks: AddressUse = { ...ofWebhooks, what: "webhooks of tenants", key: "tenants.allowAddresses" };

export interface AddressRules {
  /** Private ranges (CIDR) that are allowed. */
  readonly allowed: readonly string[];
  /** True for a call without TLS: then only allowed ranges are called. */
  readonly plain: boolean;
  /** Default: webhooks. */
  readonly use?: AddressUse;
}

/** Why an address must not be called; undefined if it may be. */
export const refusedAddress = (text: string, { allowed, plain, use = ofWebhooks }: AddressRules): string | undefined => {
  const host = text.replace(/^\[(.*)\]$/, "$1").replace(/%.*$/, "");
  if (!ipaddr.isValid(host)) return "is not an IP address";
  const given = ipaddr.parse(host);
  const { instead, also } = embeddedIn(given);
  const address = instead ?? given;
  for (const one of [address, ...also]) {
    const found = closed.find(([range]) => isIn(one, range));
    if (found) return `is blocked for ${use.what} (${found[1]})`;
  }
  if (leadsToMetadata(given)) return `is blocked for ${use.what} (cloud metadata)`;
  const isAllowed = (one: Address): boolean => allowed.some((range) => isIn(one, range));
  if (isAllowed(given) || isAllowed(address)) return undefined;
  const inner = [address, ...also].find((one) => one.range() !== "unicast");
  if (inner) return `is not public (${inner.range()}); ${use.key} can allow its range`;
  if (!isGlobal(address)) return `is not public (not global unicast); ${use.key} can allow its range`;
  return plain ? `is called only ${use.secure}; ${use.key} can allow ${use.insecure} for its range` : undefined;
};
