import { useCallback, useEffect, useRef, useState } from "react";
import type { LiveView } from "../../http/console/views.js";

/** A field at fault. */
export interface Fault {
  readonly field: string;
  readonly problem: string;
  readonly fix: string;
}

const notFound = 404;

/** What was not found, and the problem of a request as a whole, are sentences of their own. */
const textOf = ({ field, problem, fix }: Fault, status: number): string =>
  `${field === "request" || status === notFound ? "" : `${field} `}${problem}: ${fix}`;

/** The error that the service returned instead of the answer. */
export class Problem extends Error {
  readonly details: readonly string[];
  /** The service's own sentence, if it gave one. */
  readonly detail: string | undefined;

  constructor(
    readonly status: number,
    title: string,
    details: readonly string[],
    readonly faults: readonly Fault[] = [],
  ) {
    super(title);
    this.details = faults.length > 0 ? faults.map((fault) => textOf(fault, status)) : details;
    [this.detail] = details;
  }
}

/** An error as the service returns it. */
export interface ProblemBody {
  readonly title?: string;
  readonly detail?: string;
  readonly errors?: readonly Fault[];
}

export const problemOf = (status: number, { title, detail, errors }: ProblemBody): Problem =>
  new Problem(status, title ?? `Carillon returned HTTP ${status}`, detail ? [detail] : [], errors);

const deadlineMs = 20_000;

export const ask = async <T>(path: string, options: { readonly method?: string; readonly body?: unknown } = {}): Promise<T> => {
  const { method = "GET", body } = options;
  const response = await fetch(path, {
    method,
    signal: AbortSignal.timeout(deadlineMs),
    ...(body === undefined ? {} : { headers: { "content-type": "application/json" }, body: JSON.stringify(body) }),
  });
  if (!response.ok) throw problemOf(response.status, (await response.json().catch(() => ({}))) as ProblemBody);
  return (response.status === 204 ? undefined : await response.json()) as T;
};

export interface Asked<T> {
  readonly data: T | undefined;
  readonly problem: Problem | undefined;
  readonly loading: boolean;
  again(): void;
}

/** What ended a request, as a problem. */
export const asProblem = (error: unknown): Problem =>
  error instanceof Problem ? error : new Problem(0, "Carillon is not responding", [error instanceof Error ? error.message : String(error)]);

/**
 * Fetches when the path changes, and then repeatedly; a path of null fetches nothing. Keeps the last answer until the next one arrives,
 * also alongside a problem.
 */
export const useAsked = <T>(path: string | null, everyMs?: number | ((answer: T | undefined) => number)): Asked<T> => {
  const [state, setState] = useState<{ data?: T; of?: string; problem?: Problem; loading: boolean }>({ loading: path !== null });
  const [turn, setTurn] = useState(0);
  const latest = useRef(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: asked again by turn
  useEffect(() => {
    if (path === null) return undefined;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let left = false;
    const load = async (): Promise<void> => {
      latest.current += 1;
      const own = latest.current;
      setState((before) => ({ ...before, loading: true }));
      const answer = await ask<T>(path).then(
        (data) => ({ data }),
        (error: unknown) => ({ problem: asProblem(error) }),
      );
      if (left || own !== latest.current) return;
      setState((before) => {
        if ("data" in answer) return { data: answer.data, of: path, loading: false };
        return { ...(before.of === path ? before : {}), problem: answer.problem, loading: false };
      });
      const found = "data" in answer ? answer.data : undefined;
      if (everyMs !== undefined) timer = setTimeout(load, typeof everyMs === "number" ? everyMs : everyMs(found));
    };
    void load();
    return () => {
      left = true;
      clearTimeout(timer);
    };
  }, [path, everyMs, turn]);
  return {
    data: state.data,
    problem: state.problem,
    loading: state.loading,
    again: useCallback(() => setTurn((before) => before + 1), []),
  };
};

export interface LiveState {
  readonly view: LiveView | undefined;
  /** Whether views arrive. */
  readonly connected: boolean;
}

/** The live state, from server-sent events. Reconnects by itself. Only operators may follow it. */
export const useLive = (operator: boolean): LiveState => {
  const [state, setState] = useState<LiveState>({ view: undefined, connected: false });
  useEffect(() => {
    if (!operator) return undefined;
    const events = new EventSource("/console/api/live");
    events.onmessage = ({ data }) => setState({ view: JSON.parse(data) as LiveView, connected: true });
    events.onerror = () => setState((before) => ({ ...before, connected: false }));
    return () => events.close();
  }, [operator]);
  return state;
};

const readPlace = (): string => window.location.hash.slice(1) || "/";

/** The current place in the console: the part of the URL after #. */
export const usePlace = (): { readonly path: string; readonly query: URLSearchParams } => {
  const [hash, setHash] = useState(readPlace);
  useEffect(() => {
    const changed = (): void => setHash(readPlace());
    window.addEventListener("hashchange", changed);
    return () => window.removeEventListener("hashchange", changed);
  }, []);
  const [path = "/", query = ""] = hash.split("?");
  return { path, query: new URLSearchParams(query) };
};

export const go = (path: string, query: Record<string, string | undefined> = {}): void => {
  const given = Object.entries(query).filter((entry): entry is [string, string] => entry[1] !== undefined && entry[1] !== "");
  window.location.hash = given.length > 0 ? `${path}?${new URLSearchParams(given)}` : path;
};

/** A path with query parameters, without empty ones. */
export const withParameters = (path: string, parameters: Record<string, string | number | null | undefined>): string => {
  const given = Object.entries(parameters).flatMap(([name, value]): [string, string][] =>
    value === null || value === undefined || value === "" ? [] : [[name, String(value)]],
  );
  return given.length > 0 ? `${path}?${new URLSearchParams(given)}` : path;
};
