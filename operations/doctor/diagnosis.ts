/** A check and its result. */
export interface Diagnosis {
  readonly what: string;
  readonly ok: boolean;
  readonly found: string;
  readonly fix?: string | undefined;
}
