import type { FastifyReply, FastifyRequest } from "fastify";

/** Whether the browser uses TLS, according to a trusted proxy, the page's own address or any proxy. A false claim only loses the cookie. */
const isSecure = ({ protocol, headers }: FastifyRequest): boolean =>
  protocol === "https" || (headers.origin ?? "").startsWith("https:") || /^https\b/i.test(String(headers["x-forwarded-proto"] ?? ""));

export interface Cookie {
  readonly name: string;
  readonly value: string;
  readonly maxAgeSeconds: number;
  /** The browser sends the cookie to requests below this path only. */
  readonly path: string;
  /** `Lax`: also with a navigation from another site. */
  readonly sameSite: "Strict" | "Lax";
}

/** Sets a cookie that no script can read. */
export const setCookie = (request: FastifyRequest, reply: FastifyReply, cookie: Cookie): void => {
  const { name, value, maxAgeSeconds, path, sameSite } = cookie;
  const parts = [`${name}=${value}`, `Path=${path}`, "HttpOnly", `SameSite=${sameSite}`, `Max-Age=${maxAgeSeconds}`];
  const text = [...parts, ...(isSecure(request) ? ["Secure"] : [])].join("; ");
  reply.header("set-cookie", [...[reply.getHeader("set-cookie") ?? []].flat().map(String), text]);
};

/** A cookie of the request. */
export const cookieOf = ({ headers }: FastifyRequest, wanted: string): string | undefined => {
  const cookies = (headers.cookie ?? "").split(";").map((part) => part.trim().split("="));
  return cookies.find(([name]) => name === wanted)?.[1];
};
