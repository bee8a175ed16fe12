import { CarillonError } from "../../schemas/errors.js";

const boom = (): never => {
  throw new Error("boom");
};

/** Values to throw, each of which throws itself when it is read. */
export const unreadable = (): readonly unknown[] => {
  const revoked = Proxy.revocable({}, {});
  revoked.revoke();
  return [
    Object.defineProperty(new Error("q"), "message", { get: boom }),
    Object.defineProperty(new CarillonError("UNAVAILABLE", "q"), "message", { get: boom }),
    Object.defineProperty(new Error("boom"), "cause", { get: boom }),
    Object.defineProperty(new AggregateError([], ""), "errors", { get: boom }),
    new Proxy({}, { get: boom, has: boom, getPrototypeOf: boom }),
    new Proxy(new Error("boom"), { getPrototypeOf: boom }),
    new Proxy({}, { get: () => true, has: () => true }),
    revoked.proxy,
    Object.assign(() => undefined, { toString: boom }),
  ];
};
