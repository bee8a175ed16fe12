/** How far work is. */
export interface Progress {
  readonly done: number;
  readonly all?: number;
}

/** A problem as RFC 9457 has it, of work that failed after its answer had begun. */
export interface WorkProblem {
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  /** Carillon's own, where it has one. */
  readonly code?: string;
  readonly errors?: readonly { readonly field: string; readonly problem: string; readonly fix: string }[];
  readonly requestId?: string;
}

/** A line of an answer to work that takes long, as JSON: types alone, shared by server and command line. The last line has no `progress`. */
export type WorkLine = { readonly progress: Progress } | { readonly result: object } | { readonly problem: WorkProblem };
