import type { Directory } from "../stores/directory/directory.js";
import { checkUserLine } from "./check-user.js";
import { type ImportOptions, type ImportReport, importList } from "./import-list.js";
import { entriesOf, type ImportFormat } from "./read-entries.js";
import { storeUsers } from "./store-users.js";
import { usersCsv } from "./user-columns.js";

export interface Upload {
  readonly tenant: string;
  readonly format: ImportFormat;
  readonly chunks: AsyncIterable<Uint8Array>;
}

/** Creates or replaces the users of a list. Of several lines for a user, the last one counts. */
export const importUsers = (directory: Directory, { tenant, format, chunks }: Upload, options: ImportOptions): Promise<ImportReport> =>
  importList(
    {
      entries: entriesOf(chunks, format, usersCsv),
      check: checkUserLine,
      keyOf: ({ id }) => id,
      store: async (users) => {
        await storeUsers(directory, tenant, users);
      },
    },
    options,
  );
