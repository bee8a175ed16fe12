import { CarillonError } from "../schemas/errors.js";
import type { CsvForm } from "./read-entries.js";

/** The columns of users, in the order of exports. `attributes` is JSON; `attributes.NAME` is one attribute as text. */
export const userColumns = ["id", "email", "sms", "push", "http", "device", "locale", "timeZone", "attributes"] as const;
export type UserColumn = (typeof userColumns)[number];

type Tree = { [key: string]: unknown };
type Setter = (user: Tree, cell: string) => void;

const under = (user: Tree, name: string): Tree => {
  const found = user[name] as Tree | undefined;
  const tree: Tree = found ?? Object.create(null);
  user[name] = tree;
  return tree;
};

/** JSON, or the text itself, whose error then names the field. */
const jsonOrText = (cell: string): unknown => {
  try {
    return JSON.parse(cell);
  } catch {
    return cell;
  }
};

/** Devices are separated by spaces, or are a list in JSON. No address contains a quote or a brace. */
const devicesOf = (cell: string): unknown => (/^\[\s*(?:["{]|\])/.test(cell) ? jsonOrText(cell) : cell.split(/\s+/));

const address =
  (name: string, read: (cell: string) => unknown): Setter =>
  (user, cell) => {
    under(user, "addresses")[name] = read(cell);
  };
const itself = (cell: string): unknown => cell;
const field =
  (name: string, read: (cell: string) => unknown): Setter =>
  (user, cell) => {
    user[name] = read(cell);
  };

const setters: Readonly<Record<UserColumn, Setter>> = {
  id: field("id", itself),
  email: address("email", itself),
  sms: address("sms", itself),
  push: address("push", devicesOf),
  http: address("http", itself),
  device: address("device", devicesOf),
  locale: field("locale", itself),
  timeZone: field("timeZone", itself),
  attributes: field("attributes", jsonOrText),
};

const isUserColumn = (name: string): name is UserColumn => Object.hasOwn(setters, name);

const setterOf = (column: string): Setter => {
  const name = column.replace(/^addresses\./, "");
  if (isUserColumn(name)) return setters[name];
  if (column.startsWith("attributes."))
    return (user, cell) => {
      under(user, "attributes")[column.slice("attributes.".length)] = cell;
    };
  throw new CarillonError("INPUT_INVALID", `the header of the upload has a column "${column.slice(0, 100)}", which users do not have`, {
    fix: `name the columns ${userColumns.join(", ")}, or attributes.NAME`,
  });
};

/** Spreadsheets treat a cell with this start as a formula, including full-width characters. A signed number is none. */
const isFormula = (text: string): boolean =>
  /^[=@\t\r\uFF1D\uFF20]/.test(text) || (/^[+\-\uFF0B\uFF0D]/.test(text) && !/^[+-]?\d+(\.\d+)?$/.test(text));

/** A cell that no spreadsheet treats as a formula. `plainCell` reverses it. */
export const harmlessCell = (text: string): string => (isFormula(text.replace(/^'+/, "")) ? `'${text}` : text);

/** The text without the quote that `harmlessCell` added. */
export const plainCell = (cell: string): string => (cell.startsWith("'") && isFormula(cell.replace(/^'+/, "")) ? cell.slice(1) : cell);

/** Users as CSV. An empty cell means that the user lacks the field, and keeps its registrations. */
export const usersCsv: CsvForm = {
  example: "id, email, sms, locale, attributes.name",
  readerOf: (columns) => {
    const set = columns.map(setterOf);
    return (cells) => {
      const user: Tree = Object.create(null);
      set.forEach((setCell, index) => {
        const cell = cells[index] ?? "";
        if (cell !== "") setCell(user, plainCell(cell));
      });
      return user;
    };
  },
};
