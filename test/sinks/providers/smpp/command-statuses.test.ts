import smppLibrary from "smpp";
import { describe, expect, it } from "vitest";
import {
  commandStatuses,
  meaningOfBindStatus,
  meaningOfStatus,
  smppStates,
  smppStatuses,
  wordOfState,
} from "../../../../sinks/providers/sms/smpp/states.js";

const none = new Map();

/** The words of appendix B for the `smpp` package's names, which are from SMPP 5.0. */
const shortWords: Readonly<Record<string, string>> = {
  DELIVERED: "DELIVRD",
  UNDELIVERABLE: "UNDELIV",
  ACCEPTED: "ACCEPTD",
  REJECTED: "REJECTD",
};

describe("command_status and message_state", () => {
  it.each(Object.entries(commandStatuses))("%s has the number that the smpp package gives it", (name, status) => {
    expect(smppLibrary.errors[name]).toBe(status);
  });

  it("gives each status that it names a meaning", () => {
    expect(Object.keys(smppStatuses.meanings).map(Number)).toEqual(Object.values(commandStatuses).sort((one, other) => one - other));
  });

  it.each([0x11, 0x13, 0x55, 0x67, 0x107, 0x10d, 0x112, 0x400, 0x4ff, 0xffff_ffff])(
    "takes status %i, which it does not name, as temporary: the SMSC refused the message, so it can be sent again",
    (status) => {
      const expected = { kind: "temporary_failure", reason: "provider_unavailable" };
      expect([meaningOfStatus(status, none), meaningOfBindStatus(status, none)]).toEqual([expected, expected]);
    },
  );

  it.each(Object.entries(smppLibrary.consts.MESSAGE_STATE))(
    "message_state %s has the number that the smpp package gives it",
    (name, state) => {
      const word = wordOfState(state) ?? "";
      expect(word).toBe(shortWords[name] ?? name);
      expect(smppStates.meanings).toHaveProperty(word);
    },
  );

  it("has no word for a message_state beyond the standard's", () => {
    expect([wordOfState(10), wordOfState(255)]).toEqual([undefined, undefined]);
  });
});
