import { z } from "zod";
import { splitSms } from "../../../channels/sms-segments.js";
import { count, durationMs, oneLine, seconds, secret } from "../../../config/keys.js";
import type { SendOutcome } from "../../../processors/provider.js";
import { messageOf } from "../../../schemas/errors.js";
import type { DispatchCommand } from "../../../schemas/generated.js";
import { buildRequest } from "../build-request.js";
import { defineProvider, type FailureMeaning, type ProviderIdentity, type ProviderTools } from "../definition.js";
import { failure } from "../failure-option.js";
import { receiptIdForms, receiptIdsOf } from "./smpp/message-ids.js";
import { messageIdOf } from "./smpp/pdu-reader.js";
import { readPdu } from "./smpp/read-pdu.js";
import type { SmppSession } from "./smpp/session.js";
import { meaningOfBindStatus, meaningOfStatus, smppStates, smppStatuses } from "./smpp/states.js";
import { smsAddressesOf } from "./sms-addresses.js";

const options = z.strictObject({
  url: z
    .string()
    .regex(/^s?smpp:\/\/[^\s/]+$/, "is not smpp://host:port or ssmpp://host:port")
    .refine((url) => URL.canParse(url), "is not an address: its port is none of 1 to 65535, or its host none")
    .default("smpp://localhost:2775")
    .describe("address of the SMSC; ssmpp:// uses TLS"),
  systemId: oneLine.max(15).nullable().default(null).describe("system_id of the account"),
  password: secret.nullable().default(null).describe("password of the account"),
  systemType: oneLine.max(12).default("").describe("system_type of the account"),
  window: count("maximum number of unanswered submits", 10),
  enquireEveryMs: durationMs("interval of checks of the connection (enquire_link)", seconds(30), 100),
  statuses: z
    .record(z.string().regex(/^(0x[0-9a-f]{1,8}|\d{1,10})$/i, "is not a command_status such as 0x410 or 1040"), failure)
    .default({})
    .describe("meaning of the SMSC's own command_status values: { kind, reason }; they override those of the standard"),
  receiptIds: z
    .enum(receiptIdForms)
    .default("same")
    .describe(
      "form of ids in receipts, compared with submit_sm_resp: same (case and leading zeros ignored), exact, hex (the SMSC answers in decimal), decimal (it answers in hexadecimal), or either",
    ),
});

type Options = z.output<typeof options>;

const [finalReceipt, failureReceipt] = [0x01, 0x02];

/** Header that links the parts of a message. Source: 3GPP TS 23.040, 9.2.3.24.1. */
const headerOf = (reference: number, parts: number, part: number): Buffer => Buffer.from([0x05, 0x00, 0x03, reference, parts, part]);

const addressOf = (address: string): { readonly ton: number; readonly npi: number; readonly address: string } =>
  /^\+?\d+$/.test(address)
    ? { ton: address.startsWith("+") ? 1 : 0, npi: 1, address: address.replace("+", "") }
    : { ton: 5, npi: 0, address };

/** The submits of a message, one per part. Failures are reported for every part, delivery only for the last. */
export const submitsOf = (command: DispatchCommand, reference: number): readonly object[] => {
  const { encoding, parts } = splitSms(command.content.text ?? "");
  const addresses = smsAddressesOf(command);
  const to = addressOf(addresses.to);
  const from = addresses.from === null ? { ton: 0, npi: 0, address: "" } : addressOf(addresses.from);
  return parts.map((message, index) => ({
    source_addr_ton: from.ton,
    source_addr_npi: from.npi,
    source_addr: from.address,
    dest_addr_ton: to.ton,
    dest_addr_npi: to.npi,
    destination_addr: to.address,
    data_coding: encoding === "GSM-7" ? 0x00 : 0x08,
    registered_delivery: index === parts.length - 1 ? finalReceipt : failureReceipt,
    short_message: parts.length === 1 ? { message } : { udh: headerOf(reference, parts.length, index + 1), message },
  }));
};

const hex = (status: number): string => `0x${status.toString(16).padStart(8, "0")}`;

type OwnStatuses = ReadonlyMap<number, FailureMeaning>;

const ownStatusesOf = ({ statuses }: Options): OwnStatuses =>
  new Map(Object.entries(statuses).map(([status, meaning]) => [Number(status), meaning]));

const outcomeOfError = (error: unknown, own: OwnStatuses): SendOutcome => {
  const { code, status } = error as { code?: string; status?: number };
  if (status !== undefined) return { ...meaningOfBindStatus(status, own), detail: `bind_transceiver_resp ${hex(status)}` };
  return { kind: code === "NOT_BOUND" ? "temporary_failure" : "ambiguous", reason: "provider_unavailable", detail: messageOf(error) };
};

const sessions = new WeakMap<ProviderTools, Map<string, SmppSession>>();

/** Sending and receiving share one session. */
const sessionOf = async (identity: ProviderIdentity, settings: Options, tools: ProviderTools): Promise<SmppSession> => {
  const { SmppSession } = await import("./smpp/session.js");
  const known = sessions.get(tools) ?? new Map<string, SmppSession>();
  sessions.set(tools, known);
  const found = known.get(identity.name);
  if (found) return found;
  const { url, systemId, password, systemType, window, enquireEveryMs } = settings;
  const session = new SmppSession(
    { url, systemId: systemId ?? "", password: password ?? "", systemType, window, enquireEveryMs, answerTimeoutMs: tools.sendTimeoutMs },
    tools.clock,
    {
      onDelivery: ({ bytes }) => tools.receive(identity, "connection", [bytes]),
      onNotice: ({ bytes }) => tools.receive(identity, "connection", [bytes]),
    },
  );
  known.set(identity.name, session);
  return session;
};

/** An SMSC with SMPP 3.4, bound as a transceiver. */
export const smpp = defineProvider({
  type: "smpp",
  doc: "an SMSC, over SMPP 3.4",
  channels: ["sms"],
  tenantUse: { allowed: false, because: "keeps connections open that the guard of addresses does not check" },
  options,
  missing: ({ systemId, password }) => [
    ...(systemId ? [] : ["systemId: the smpp provider needs it"]),
    ...(password ? [] : ["password: the smpp provider needs it"]),
  ],
  states: smppStates,
  errors: [smppStatuses],
  create: async (identity, settings, tools) => {
    const session = await sessionOf(identity, settings, tools);
    const own = ownStatusesOf(settings);
    let reference = Math.floor(Math.random() * 256);
    return {
      ...identity,
      maxConcurrency: settings.window,
      send: async (command, { note, signal, progress }) => {
        reference = (reference + 1) % 256;
        const submits = await buildRequest(() => submitsOf(command, reference));
        let begun = false;
        const turn = {
          // once a part was sent, all parts are sent; if none was sent, another attempt sends the message
          wanted: () => begun || !signal?.aborted,
          begins: () => {
            if (!begun) progress?.("sending");
            begun = true;
          },
          signal,
        };
        progress?.("connecting");
        const answers = await Promise.allSettled(submits.map((message) => session.submit(message, turn)));
        note?.({
          request: `submit_sm to ${command.to}, ${answers.length} part${answers.length === 1 ? "" : "s"}`,
          response: answers
            .map((answer) => (answer.status === "fulfilled" ? `command_status ${answer.value.status}` : messageOf(answer.reason)))
            .join(", "),
        });
        const broken = answers.find((answer) => answer.status === "rejected");
        const sent = answers.flatMap((answer) => (answer.status === "fulfilled" ? [answer.value] : []));
        const refused = sent.find(({ status }) => status !== 0);
        if (refused) return { ...meaningOfStatus(refused.status, own), detail: `submit_sm_resp ${hex(refused.status)}` };
        if (broken) {
          // an accepted part is on its way, whatever happened to the others
          if (sent.length > 0) return { kind: "ambiguous", reason: "provider_unavailable", detail: messageOf(broken.reason) };
          return outcomeOfError(broken.reason, own);
        }
        const ids = sent.flatMap((answer) => messageIdOf(answer) ?? []);
        const providerMessageId = ids.at(-1);
        if (!providerMessageId) return { kind: "ambiguous", reason: "provider_unavailable", detail: "submit_sm_resp without a message_id" };
        const additionalProviderMessageIds = [...new Set([...ids, ...ids.flatMap((id) => receiptIdsOf(id, settings.receiptIds))])].filter(
          (id) => id !== providerMessageId,
        );
        return {
          kind: "accepted",
          providerMessageId,
          ...(additionalProviderMessageIds.length > 0 ? { additionalProviderMessageIds } : {}),
        };
      },
      healthCheck: async () => {
        await session.ready();
        return `${settings.url} takes the bind`;
      },
      close: () => session.close(),
    };
  },
  readers: { connection: (bytes, { receiptIds }) => readPdu(bytes, receiptIds) },
  listen: async (identity, settings, tools) => {
    (await sessionOf(identity, settings, tools)).keep();
    return undefined;
  },
});
