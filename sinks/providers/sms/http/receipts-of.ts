import { type Readings, readingOf, readingsOf } from "../../../../processors/reading.js";
import { CarillonError } from "../../../../schemas/errors.js";
import { mostCharacters, optional } from "../../callback-fields.js";
import type { CallbackRequest } from "../../definition.js";
import { type ReceiptTable, receiptOfWord } from "../../receipt-table.js";
import { nodeAt, scalarAt, scalarOf } from "./json-path.js";
import type { HttpOptions } from "./options.js";

export const statesOf = ({ receipt }: HttpOptions): ReceiptTable => ({
  source: "the configuration",
  meanings: Object.fromEntries(
    Object.entries(receipt?.states ?? {}).map(([word, { event, reason }]) => [word, { event, ...(reason ? { reason } : {}) }]),
  ),
});

type Receipt = NonNullable<HttpOptions["receipt"]>;

/** One receipt in a callback: how to read its fields, and its position, for errors. */
interface Item {
  readonly at: string;
  read(path: string): string | undefined;
}

const itemOf = (json: unknown, at: string, fields: Readonly<Record<string, string>> = {}): Item => ({
  at,
  // forms may contain a literal name with a dot or bracket
  read: (path) => {
    const literal =
      typeof json === "object" && json !== null && Object.hasOwn(json, path)
        ? scalarOf((json as Record<string, unknown>)[path])
        : undefined;
    return literal ?? scalarAt(json, path) ?? (Object.hasOwn(fields, path) ? fields[path] : undefined);
  },
});

const itemsOf = ({ json, fields }: CallbackRequest, { list }: Pick<Receipt, "list">): readonly Item[] => {
  const found = list === null ? json : nodeAt(json, list);
  if (Array.isArray(found)) return found.map((item, index) => itemOf(item, `${list ?? ""}[${index}].`));
  if (list === null) return [itemOf(json, "", fields)];
  if (typeof found === "object" && found !== null) return [itemOf(found, `${list}.`)];
  throw new CarillonError("CALLBACK_REFUSED", `${list}: is not a list`, { fix: "receipt.list is the path of the list of receipts" });
};

const required = (item: Item, path: string): string => {
  const value = item.read(path);
  if (value === undefined || value === "") {
    throw new CarillonError("CALLBACK_REFUSED", `${item.at}${path}: is missing`, {
      fix: "receipt.id and receipt.state are paths within a receipt",
    });
  }
  if (value.length <= mostCharacters) return value;
  throw new CarillonError("CALLBACK_REFUSED", `${item.at}${path}: is longer than ${mostCharacters} characters`);
};

const preset = { list: null, id: "id", state: "status", detail: null, at: null };

/** Parses a callback with one receipt or a list of them. An unreadable receipt is reported with its field, and the others are kept. */
export const receiptsOf = (request: CallbackRequest, settings: HttpOptions): Readings => {
  const how = settings.receipt ?? preset;
  const states = statesOf(settings);
  return readingsOf(
    itemsOf(request, how).map((item) =>
      readingOf(() => {
        const detail = how.detail ? item.read(how.detail) : undefined;
        const statedAt = how.at ? item.read(how.at) : undefined;
        return receiptOfWord(states, required(item, how.state), {
          providerMessageId: required(item, how.id),
          ...optional({ detail, statedAt }),
        });
      }),
    ),
  );
};
