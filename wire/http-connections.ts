/** Connections that HTTP requests share. */
export interface HttpConnections {
  /** A dispatcher of undici, which declarations of packages must not name. */
  dispatcherFor(url: URL, isDirect: boolean): object;
  /** Ends once the requests in flight have ended. */
  close(): Promise<void>;
}
