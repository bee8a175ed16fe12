import type { lookup as lookUp } from "node:dns";
import { isIP, type LookupFunction } from "node:net";
import { type AddressRules, refusedAddress } from "./address-guard.js";

/** Its code says that nothing was sent. */
export const notAllowed = (host: string, address: string, why: string): Error =>
  Object.assign(new Error(`${host === address ? host : `${host} (${address})`} is not allowed: it ${why}`), { code: "EACCES" });

/** Resolves names and fails if any resulting address must not be called: the checked address is the one that is connected to. */
export const guardedLookup =
  (rules: AddressRules, resolve: typeof lookUp): LookupFunction =>
  (host, options, callback) => {
    resolve(host, { ...options, all: true }, (error, found) => {
      if (error) return callback(error, [], 0);
      for (const { address } of found) {
        const why = refusedAddress(address, rules);
        if (why !== undefined) return callback(notAllowed(host, address, why), [], 0);
      }
      const [first = { address: "", family: 0 }] = found;
      return options.all ? callback(null, found, 0) : callback(null, first.address, first.family);
    });
  };

export const addressOf = (host: string, lookup: LookupFunction): Promise<string> =>
  new Promise((resolve, reject) => {
    if (isIP(host)) return resolve(host);
    return lookup(host, { all: false }, (error, address) => (error ? reject(error) : resolve(String(address))));
  });
