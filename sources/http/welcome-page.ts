import type { Config } from "../../config/schema.js";

/** Nothing is loaded from anywhere, and nothing runs. */
export const pageHeaders = {
  "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'",
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
} as const;

const style = `
  :root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
  body { max-width: 46rem; margin: 3rem auto; padding: 0 1.25rem; }
  h1 { margin-bottom: 0; } p.lead { margin-top: .25rem; opacity: .75; }
  pre { padding: .8rem 1rem; overflow-x: auto; border: 1px solid color-mix(in srgb, currentColor 25%, transparent); border-radius: .5rem; }
  code { font: .9rem/1.5 ui-monospace, Menlo, Consolas, monospace; }
`;

/** What a newcomer sees who opens the address that `start` prints. */
export const welcomePage = ({ profile }: Pick<Config, "profile">): string => `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Carillon</title><style>${style}</style></head>
<body>
<main>
<h1>Carillon</h1>
<p class="lead">A message distribution center. It runs on the ${profile} profile.</p>
<h2>Send a message</h2>
<pre><code>npx carillon send --channel email --to flaky@sandbox.carillon.test \\
  --subject Hello --text 'Hi there' --wait</code></pre>
<p>or <code>POST /v1/messages</code>, then <code>GET /v1/messages/ID</code> for every step that it went through.</p>
<h2>Look</h2>
<ul>
<li>What the sandbox delivered: <a href="/sandbox/outbox/email">email</a>, <a href="/sandbox/outbox/sms">SMS</a>, <a href="/sandbox/outbox/push">push</a></li>
<li><a href="/readyz">Is it ready?</a> <a href="/metrics">Metrics</a></li>
<li><code>npx carillon lanes</code> what waits, <code>npx carillon dead-letters list</code> what no stage could process, <code>npx carillon doctor</code> what is wrong</li>
</ul>
</main>
</body>
</html>
`;
