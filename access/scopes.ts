/** Everything that a key can be allowed to do. Each scope is granted by itself: none includes another. */
export const scopes = {
  send: "send messages",
  read: "read the tenant's messages, reports and settings",
  manage: "change the tenant's users, groups, keys and settings",
  operate: "act on other tenants and on the installation",
} as const;

export type Scope = keyof typeof scopes;

export const allScopes = Object.keys(scopes) as readonly Scope[];

/** The scopes among stored texts. Those of a later version grant nothing. */
export const knownScopes = (stored: readonly string[]): readonly Scope[] => allScopes.filter((scope) => stored.includes(scope));

/** The scopes of keys in the configuration, by role. */
export const scopesOfRole = { sender: ["send", "read"], operator: allScopes } as const satisfies Record<string, readonly Scope[]>;
