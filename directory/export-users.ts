import { stringify } from "csv-stringify/sync";
import { type Directory, directoryBounds, type User } from "../stores/directory/directory.js";
import type { ImportFormat } from "./read-entries.js";
import { harmlessCell, type UserColumn, userColumns } from "./user-columns.js";
import { type ReadableUser, userLineOf } from "./user-line.js";

export interface UserExport {
  readonly tenant: string;
  readonly format: ImportFormat;
  /** Only users after this id: continues an export that broke off. */
  readonly after?: string | undefined;
}

/** JSON on one line for every reader: some treat these characters as line breaks, and then look for a formula. */
const oneLine = (value: unknown): string =>
  JSON.stringify(value).replace(/[\u007f-\u009f\u2028\u2029]/g, (found) => `\\u${found.charCodeAt(0).toString(16).padStart(4, "0")}`);

const devicesCell = (devices: ReadableUser["addresses"]["push"]): string => {
  if (!devices) return "";
  return devices.every((device) => typeof device === "string") ? devices.join(" ") : oneLine(devices);
};

const cellsOf = (user: User): Readonly<Record<UserColumn, string>> => {
  const { id, addresses, locale, timeZone, attributes } = userLineOf(user);
  return {
    id,
    email: addresses.email ?? "",
    sms: addresses.sms ?? "",
    push: devicesCell(addresses.push),
    http: addresses.http ?? "",
    device: devicesCell(addresses.device),
    locale: locale ?? "",
    timeZone: timeZone ?? "",
    attributes: attributes ? oneLine(attributes) : "",
  };
};

/** Source: RFC 4180. Every cell is quoted, so that a space or comma in it does not end it. */
const csvOf = (rows: readonly (readonly string[])[]): Buffer =>
  Buffer.from(stringify(rows as string[][], { record_delimiter: "windows", quoted: true }));

const pageOf = (users: readonly User[], format: ImportFormat): Buffer => {
  if (format === "ndjson") return Buffer.from(users.map((user) => `${JSON.stringify(userLineOf(user))}\n`).join(""));
  return csvOf(
    users.map((user) => {
      const cells = cellsOf(user);
      return userColumns.map((column) => harmlessCell(cells[column]));
    }),
  );
};

/** All users of a tenant by the bytes of their ids, page by page, as imports read them. The next page is read when this one is taken. */
export async function* exportUsers(directory: Directory, { tenant, format, after }: UserExport): AsyncGenerator<Buffer> {
  if (format === "csv" && after === undefined) yield csvOf([userColumns]);
  for (let last = after; ; ) {
    const page = await directory.list({ tenant, after: last, limit: directoryBounds.batch });
    if (page.length > 0) yield pageOf(page, format);
    if (page.length < directoryBounds.batch) return;
    last = page.at(-1)?.id;
  }
}
