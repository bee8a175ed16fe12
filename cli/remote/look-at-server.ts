import { type Diagnosis, look } from "../../operations/doctor/diagnosis.js";
import { CarillonError } from "../../schemas/errors.js";
import { sendRequest } from "../../wire/http-request.js";
import type { Address } from "./address.js";
import { tooSlow, unreachable } from "./unreachable.js";

const deadlineMs = 10_000;
const mostShown = 200;

const readinessOf = async (address: Address): Promise<string> => {
  const signal = AbortSignal.timeout(deadlineMs);
  try {
    const asked = { url: `${address.url}/readyz`, method: "GET", headers: {}, body: null, signal, isDirect: address.isLocal };
    const { statusCode, body } = await sendRequest(asked);
    const text = await body.text();
    if (statusCode === 200) return `${address.url} is ready`;
    throw new CarillonError("UNAVAILABLE", `${address.url} answered ${statusCode}: ${text.slice(0, mostShown)}`);
  } catch (error) {
    if (error instanceof CarillonError) throw error;
    throw signal.aborted ? tooSlow(address, deadlineMs) : unreachable(address, error);
  }
};

/** Checks whether a server is ready. Sends no key. */
export const lookAtServer = (address: Address): Promise<Diagnosis> =>
  look("ready", () => readinessOf(address), "check the address, and the log of the server");
