import { inputCheck } from "../client/check-input.js";
import { userGiven, userLineGiven } from "./user-input.js";

const unknownField = "leave it out; your own data belongs in attributes";

/** Checks the body of a user. */
export const checkUser = inputCheck(userGiven, {
  whole: "user",
  wanted: "give an object with addresses, locale, timeZone and attributes",
  unknownField,
});

/** Checks a user with its id, as imports have it. */
export const checkUserLine = inputCheck(userLineGiven, { whole: "user", wanted: "give an object with id and addresses", unknownField });
