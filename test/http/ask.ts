import { asKey, call } from "./walked-server.js";

/** What the tests read of answers. */
export interface AskedBody {
  readonly id: string;
  readonly key: string;
  readonly detail: string;
  readonly version: number;
  readonly cursor: string | null;
  readonly addresses: object;
  readonly rates: object;
  readonly status: string;
  readonly messages: readonly { readonly id: string }[];
  readonly lineage: readonly { readonly details: Readonly<Record<string, string>> }[];
  readonly items: readonly Readonly<Record<string, unknown>>[];
  readonly errors: readonly { readonly field: string; readonly problem: string; readonly fix: string }[];
}

export interface Asked {
  readonly status: number;
  readonly body: AskedBody;
}

/** Sends JSON, and reads the answer's JSON; `{}` if it has no body. */
export const createAsk =
  (url: () => string | undefined) =>
  async (key: string, method: string, path: string, body?: object): Promise<Asked> => {
    const { status, text } = await call(url(), method, path, asKey(key), body && JSON.stringify(body));
    return { status, body: (text === "" ? {} : JSON.parse(text)) as AskedBody };
  };
