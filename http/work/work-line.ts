/** Progress of the work. */
export interface Progress {
  readonly done: number;
  readonly all?: number;
}

/** A problem in the form of RFC 9457, of work that failed after its answer had started. */
export interface WorkProblem {
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  /** Carillon's own code, if there is one. */
  readonly code?: string;
  readonly errors?: readonly { readonly field: string; readonly problem: string; readonly fix: string }[];
  readonly requestId?: string;
}

/** A line of an answer to long work, as JSON: only types, shared by server and command line. The last line has no `progress`. */
export type WorkLine = { readonly progress: Progress } | { readonly result: object } | { readonly problem: WorkProblem };
