import type { FastifyInstance } from "fastify";

const escaped = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");

/** The paths of a route's URL in Fastify's form. */
const patternOf = (url: string): RegExp =>
  new RegExp(
    `^${url
      .split("/")
      .map((part) => (part.startsWith(":") ? "[^/]+" : escaped(part)))
      .join("/")}$`,
  );

/**
 * Collects the routes that are added from now on. Returns a function that names the methods of a path; none if there is no such path. A
 * route without parameters takes precedence, as in OpenAPI.
 */
export const collectMethods = (app: FastifyInstance): ((path: string) => readonly string[]) => {
  const routes = new Map<string, { readonly pattern: RegExp; readonly methods: Set<string> }>();
  app.addHook("onRoute", ({ method, url }) => {
    const route = routes.get(url) ?? { pattern: patternOf(url), methods: new Set() };
    for (const one of [method].flat()) route.methods.add(one);
    routes.set(url, route);
  });
  return (path) => {
    const exact = routes.get(path);
    const matching = exact ? [exact] : [...routes.values()].filter(({ pattern }) => pattern.test(path));
    return [...new Set(matching.flatMap(({ methods }) => [...methods]))].sort();
  };
};
