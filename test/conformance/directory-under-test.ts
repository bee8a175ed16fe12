import type { DeviceOfUser, Directory, User, UserPut } from "../../stores/directory/directory.js";
import type { PortFactory } from "./claims.js";

export interface DirectoryFactory extends PortFactory<Directory> {
  /** Another process on the same store. Memory has none. */
  another?(): Promise<Directory>;
  /** Number of stored registrations of an address, also of users that are gone. */
  registrationsOf?(address: string): Promise<number>;
}

export const userPut = (tenant: string, id: string, more: Partial<UserPut> = {}): UserPut => ({
  ...{ tenant, id, locale: "de-DE", timeZone: "Europe/Berlin" },
  addresses: { email: `${id}@example.com`, sms: null },
  attributes: { plan: "gold", age: 42, vip: true, tags: ["a", "b"] },
  ...more,
});

export const pushTokens = (user: User | undefined): string[] => (user?.addresses.push ?? []).map(({ address }) => address).sort();

export const listAll = async (directory: Directory, tenant: string, limit: number): Promise<readonly User[]> => {
  const all: User[] = [];
  for (let after: string | undefined; ; ) {
    const page = await directory.list({ tenant, after, limit });
    all.push(...page);
    if (page.length === 0) return all;
    after = page.at(-1)?.id;
  }
};

export const tokenOf = (tenant: string, id: string, address: string, app: string | null = "app"): DeviceOfUser => ({
  ...{ tenant, id, channel: "push", address, app },
});
