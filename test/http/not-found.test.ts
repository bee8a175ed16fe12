import Fastify from "fastify";
import { expect, it } from "vitest";
import { pageRoutes } from "../../http/console/page-files.js";
import { answerFailures } from "../../http/failures.js";
import { createLogger } from "../../operations/telemetry/logger.js";

const ofBrowser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

const answerTo = (url: string, accept: string | undefined, method: "GET" | "POST" = "GET") => {
  const app = Fastify();
  answerFailures(app, createLogger("silent", "test"), (text) => text);
  pageRoutes(app);
  return app.inject({ method, url, headers: accept === undefined ? {} : { accept } });
};

it.each(["/console/unknown", "/unknown"])("shows a browser a page with a link to the console at %s", async (url) => {
  const { statusCode, headers, body } = await answerTo(url, ofBrowser);
  expect(statusCode).toBe(404);
  expect(headers["content-type"]).toBe("text/html; charset=utf-8");
  expect(headers["content-security-policy"]).toContain("default-src 'none'");
  expect(body).toContain('<a href="/">');
});

it.each([
  ["/console/unknown", undefined, "GET"],
  ["/console/unknown", "*/*", "GET"],
  ["/unknown", "application/json", "GET"],
  ["/unknown", ofBrowser, "POST"],
] as const)("answers a program at %s, which accepts %s, with a problem", async (url, accept, method) => {
  const { statusCode, headers, body } = await answerTo(url, accept, method);
  expect(statusCode).toBe(404);
  expect(headers["content-type"]).toContain("application/problem+json");
  expect(headers.vary).toBe("accept");
  expect(JSON.parse(body)).toMatchObject({ status: 404, title: "Not Found" });
});
