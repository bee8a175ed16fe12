import { checkRecipient } from "../channels/recipients.js";
import { type Refusal, refuse } from "../channels/refusal.js";
import { type AddressChannel, directoryBounds } from "../stores/directory/directory.js";

/** A normalized address, or why a channel cannot use it. */
export type CheckedAddress = { readonly address: string } | Refusal;

const urlFix = "give an https URL of at most 2,048 bytes, without a user name, password or fragment";

/** The receiver's address is checked again whenever it is called, because a name can lead elsewhere by then. */
const checkUrl = (text: string): CheckedAddress => {
  const url = URL.canParse(text.trim()) ? new URL(text.trim()) : undefined;
  if (!url || url.hostname === "") return refuse("is not a URL", urlFix);
  if (url.protocol !== "https:") return refuse("is not an https URL", urlFix);
  if (url.username !== "" || url.password !== "") return refuse("has a user name or password", urlFix);
  if (url.hash !== "") return refuse("has a fragment, which is never sent", urlFix);
  const bytes = Buffer.byteLength(url.href);
  return bytes > directoryBounds.addressBytes ? refuse(`has ${bytes} bytes`, urlFix) : { address: url.href };
};

/** An id that a client of the gateway chose. It becomes a part of topics' keys and of MQTT topics, so it has no separators of theirs. */
const deviceId = /^[\w.~-]{1,128}$/;

const checkDevice = (text: string): CheckedAddress =>
  deviceId.test(text.trim())
    ? { address: text.trim() }
    : refuse("is not a device id", "give 1 to 128 characters of letters, digits and . _ ~ -");

/** Checks an address by the rules by which a message to it is checked. */
export const checkAddress = (channel: AddressChannel, text: string): CheckedAddress => {
  if (channel === "http") return checkUrl(text);
  if (channel === "device") return checkDevice(text);
  const checked = checkRecipient(channel, text);
  return "to" in checked ? { address: checked.to } : checked;
};
