/** The server settings that Carillon depends on. All methods only read. */
export interface ServerSettings {
  /** Resolves with a summary. Rejects CONFIG_INVALID if a server would lose or refuse Carillon's writes. */
  storage(): Promise<string>;
  /** Whether every server sends the events that drive timers. Rejects if Carillon's account may not read the setting. */
  sendsExpiries(): Promise<boolean>;
}
