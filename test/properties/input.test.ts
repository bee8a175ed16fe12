import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkRecipient } from "../../channels/recipients.js";
import { countSmsSegments } from "../../channels/sms-segments.js";
import { checkMessage } from "../../client/check-message.js";
import { CarillonError } from "../../schemas/errors.js";
import { reasons } from "../../schemas/reasons.js";
import { channels, lanes } from "../../schemas/vocabulary.js";
import { configSchema, loadConfig } from "../../service/load-config.js";
import { nastyText, parameters, timeoutMs } from "./property.js";

const recipient = fc.oneof(
  nastyText(),
  fc.emailAddress(),
  fc.bigInt({ min: 0n, max: 10n ** 15n }).map((digits) => `+${digits}`),
  fc.tuple(fc.emailAddress(), fc.constantFrom("\n", "\r\nBcc: x@y.z", " ", ",a@b.c", "\0", ">")).map((parts) => parts.join("")),
);

describe("recipients", () => {
  it(
    "are refused in words, or come out in a normal form that is its own",
    () => {
      fc.assert(
        fc.property(fc.constantFrom(...channels), recipient, (channel, to) => {
          const checked = checkRecipient(channel, to);
          if (!("to" in checked)) {
            expect(checked.fix).not.toBe("");
            return;
          }
          expect(checkRecipient(channel, checked.to)).toEqual(checked);
          // nothing that ends a header, an SMTP command or a log line
          expect(checked.to).not.toMatch(/[\p{Cc}<>\u2028\u2029]/u);
        }),
        parameters,
      );
    },
    timeoutMs,
  );
});

const messageLike = fc.record(
  {
    channel: fc.oneof(fc.constantFrom(...channels), nastyText(10)),
    to: recipient,
    lane: fc.oneof(fc.constantFrom(...lanes), nastyText(10), fc.constant(undefined)),
    content: fc.oneof(
      fc.record({ subject: nastyText(), text: nastyText(), html: nastyText(), title: nastyText() }, { requiredKeys: [] }),
      fc.anything(),
    ),
    expiresAt: fc.oneof(fc.integer(), fc.double(), nastyText(10), fc.date().map(String)),
    notBefore: fc.oneof(fc.integer(), fc.double(), nastyText(10)),
    idempotencyKey: fc.oneof(nastyText(), fc.integer()),
    metadata: fc.oneof(fc.dictionary(nastyText(10), nastyText(10)), fc.anything()),
    template: fc.anything(),
  },
  { requiredKeys: [] },
);

describe("messages", () => {
  it(
    "of any shape pass, or every fault is named by field, reason and fix",
    () => {
      fc.assert(
        fc.property(fc.oneof({ weight: 4, arbitrary: messageLike }, { weight: 1, arbitrary: fc.anything() }), (input) => {
          const { errors, message } = checkMessage(input);
          expect(message === undefined).toBe(errors.length > 0);
          for (const { field, reason, problem, fix } of errors) {
            expect(reason in reasons).toBe(true);
            expect([field, problem, fix].every((text) => text !== "")).toBe(true);
          }
          // a valid message is valid again
          if (message) expect(checkMessage(message).errors).toEqual([]);
        }),
        parameters,
      );
    },
    timeoutMs,
  );

  it(
    "as SMS have the number of parts that their length allows",
    () => {
      fc.assert(
        fc.property(nastyText(400), (text) => {
          const { segments, encoding } = countSmsSegments(text);
          const [alone, inParts] = encoding === "GSM-7" ? [160, 153] : [70, 67];
          const extended = encoding === "GSM-7" ? (text.match(/[\f^{}\\[~\]|€]/g)?.length ?? 0) : 0;
          const units = text.length + extended;
          if (units <= alone) expect(segments).toBe(1);
          // a character that does not fit leaves one unit of the first part empty
          else expect([Math.ceil(units / inParts), Math.ceil(units / (inParts - 1))]).toContain(segments);
        }),
        parameters,
      );
    },
    timeoutMs,
  );
});

/** Paths of all keys with a default. */
const pathsOf = (value: unknown, path: readonly string[] = []): string[][] =>
  typeof value === "object" && value !== null && !Array.isArray(value)
    ? Object.entries(value).flatMap(([key, under]) => pathsOf(under, [...path, key]))
    : [[...path]];
const paths = pathsOf(configSchema.parse({}));
const setAt = ([head = "", ...rest]: readonly string[], value: unknown): Record<string, unknown> => ({
  [head]: rest.length === 0 ? value : setAt(rest, value),
});

describe("configuration", () => {
  const odd = fc.oneof(
    fc.integer(),
    fc.double(),
    nastyText(20),
    fc.boolean(),
    fc.constant(null),
    fc.constant([]),
    fc.constant({}),
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the configuration's own notation
    fc.constantFrom("${env:NOT_SET}", "${file:/none}", "${env:", "-1", "1e9"),
  );
  it(
    "with any value in any place is valid, or refused by naming that place, and never leaks a secret",
    () => {
      fc.assert(
        fc.property(fc.constantFrom(...paths), odd, (path, value) => {
          try {
            loadConfig({ environment: {}, overrides: setAt(path, value) });
          } catch (error) {
            if (!(error instanceof CarillonError)) throw error;
            expect(error.code).toBe("CONFIG_INVALID");
            expect(error.message).toContain(path[0]);
          }
        }),
        parameters,
      );
    },
    timeoutMs,
  );

  it(
    "of any shape at all is valid or refused",
    () => {
      fc.assert(
        fc.property(
          fc.dictionary(fc.oneof(fc.constantFrom(...paths.map(([head = ""]) => head)), nastyText(8)), fc.anything()),
          (overrides) => {
            try {
              loadConfig({ environment: {}, overrides });
            } catch (error) {
              if (!(error instanceof CarillonError)) throw error;
            }
          },
        ),
        parameters,
      );
    },
    timeoutMs,
  );
});
