/** What was looked at, and how it is. */
export interface Diagnosis {
  readonly what: string;
  readonly ok: boolean;
  readonly found: string;
  readonly fix?: string | undefined;
}
