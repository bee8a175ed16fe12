import { createServer, type Server, type Socket } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import type { Provider } from "../../../processors/provider.js";
import { withDeadline } from "../../../sinks/providers/with-deadline.js";
import { systemClock } from "../../../stores/clock.js";
import { createVirtualClock } from "../../../stores/virtual-clock.js";
import { commandTo, sendContext } from "../../support/commands.js";
import { eventually } from "../../support/eventually.js";
import { bareTools, createProvider } from "../../support/providers.js";

/** A server's answer to a line; null: it hangs up, an empty text: it stays silent. */
type Script = (line: string) => string | null;

const polite: Script = (line) => {
  if (line.startsWith("EHLO")) return "250-carillon.test\r\n250 AUTH PLAIN";
  if (line.startsWith("AUTH")) return "235 welcome";
  return line === "DATA" ? "354 go on" : "250 ok";
};

/** Polite except for lines with this start. */
const but =
  (begin: string, answer: string | null): Script =>
  (line) =>
    line.startsWith(begin) ? answer : polite(line);

const serve = (socket: Socket, script: Script, mails: string[]): void => {
  let [rest, isMail] = ["", false];
  const answer = (line: string): void => {
    if (isMail && line !== ".") return;
    if (line === ".") mails.push(line);
    const said = script(line);
    isMail = line === "DATA" && said?.startsWith("354") === true;
    if (said === null) socket.destroy();
    else if (said !== "") socket.write(`${said}\r\n`);
  };
  socket.on("error", () => undefined);
  socket.on("data", (bytes) => {
    const lines = (rest + bytes.toString("latin1")).split("\r\n");
    rest = lines.pop() ?? "";
    lines.forEach(answer);
  });
};

describe("provider smtp", () => {
  const open: (() => Promise<unknown>)[] = [];
  afterEach(() => Promise.all(open.splice(0).map((close) => close())));

  const startWith = async (script: Script, { greeting = "220 hello", connections = 2, requireTls = false } = {}) => {
    const mails: string[] = [];
    const sockets: Socket[] = [];
    const server: Server = createServer((socket) => {
      sockets.push(socket);
      if (greeting !== "") socket.write(`${greeting}\r\n`);
      serve(socket, script, mails);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as { port: number };
    const options = { host: "127.0.0.1", port, requireTls, username: "u", password: "p", connections };
    const provider = await createProvider("smtp", "email", options, bareTools({ sendTimeoutMs: 3_000 }));
    open.push(async () => {
      await provider.close();
      for (const socket of sockets) socket.destroy();
      server.close();
    });
    return { provider, mails };
  };
  const send = (provider: Provider) => provider.send(commandTo("email", "a@carillon.test"), sendContext);

  it.each([
    ["554 5.7.1 no service for you", { kind: "temporary_failure", reason: "provider_unavailable" }],
    ["421 too busy", { kind: "temporary_failure", reason: "provider_unavailable" }],
  ])("errors: blames no message for a refusing greeting: %s", async (greeting, expected) => {
    const { provider } = await startWith(polite, { greeting });
    expect(await send(provider)).toMatchObject(expected);
  });

  it("errors: blames no message if the server lacks the required STARTTLS", async () => {
    const { provider } = await startWith(but("STARTTLS", "500 what is that"), { requireTls: true });
    expect(await send(provider)).toMatchObject({ kind: "temporary_failure", reason: "provider_unavailable" });
  });

  it.each([
    ["EHLO", "550 denied", { kind: "temporary_failure", reason: "provider_unavailable" }],
    ["AUTH", "550 suspended", { kind: "temporary_failure", reason: "account_rejected" }],
    ["AUTH", "432 later", { kind: "temporary_failure", reason: "provider_unavailable" }],
    ["MAIL", "553 5.7.1 not yours", { kind: "permanent_failure", reason: "sender_rejected" }],
    ["MAIL", "450 4.7.1 too many", { kind: "temporary_failure", reason: "provider_unavailable" }],
    ["MAIL", "530 authenticate first", { kind: "temporary_failure", reason: "account_rejected" }],
    ["RCPT", "554 5.7.1 refused", { kind: "permanent_failure", reason: "recipient_rejected" }],
    ["RCPT", "552 mailbox full", { kind: "temporary_failure", reason: "recipient_unavailable" }],
    [".", "550 5.7.1 spam", { kind: "permanent_failure", reason: "content_rejected" }],
    [".", "554 5.1.1 no such user", { kind: "permanent_failure", reason: "recipient_rejected" }],
    [".", "421 4.3.2 closing", { kind: "temporary_failure", reason: "provider_unavailable" }],
  ])("errors: interprets a reply by its command: %s, %s", async (begin, answer, expected) => {
    const { provider } = await startWith((line) => (begin === "EHLO" && line.startsWith("HELO") ? answer : but(begin, answer)(line)));
    expect(await send(provider)).toMatchObject(expected);
  });

  it.each([
    ["RCPT", null, "temporary_failure"],
    ["DATA", null, "temporary_failure"],
    [".", null, "ambiguous"],
    [".", "what was that", "ambiguous"],
    [".", "", "ambiguous"],
  ])("errors: classifies a connection that ends early: %s, %j, %s", async (begin, answer, kind) => {
    const { provider } = await startWith(but(begin, answer));
    expect(await send(provider)).toMatchObject({ kind });
  });

  it("errors: is temporary if the server never greets, ambiguous if it is silent after the mail, within the deadline", async () => {
    const [mute, busy] = [await startWith(polite, { greeting: "" }), await startWith(but(".", ""))];
    const begin = Date.now();
    expect(await send(withDeadline(mute.provider, 300, systemClock))).toMatchObject({ kind: "temporary_failure" });
    expect(await send(withDeadline(busy.provider, 300, systemClock))).toMatchObject({ kind: "ambiguous", reason: "provider_timeout" });
    expect(Date.now() - begin).toBeLessThan(2_400);
  });

  it("limit: never sends a mail whose deadline passed while it was queued for a connection", async () => {
    const { provider, mails } = await startWith(but(".", ""), { connections: 1 });
    expect(provider.maxConcurrency).toBe(1);
    // the test's own clock: on a busy machine a later deadline could leave the second mail time to start
    const clock = createVirtualClock();
    const hasty = withDeadline(provider, 300, clock);
    const outcomes = Promise.all([send(hasty), send(hasty), send(hasty)]);
    await eventually(
      () => mails.length,
      (count) => count === 1,
    );
    clock.advance(300);
    expect((await outcomes).map(({ kind }) => kind)).toEqual(["ambiguous", "temporary_failure", "temporary_failure"]);
    await new Promise((resolve) => setTimeout(resolve, 200)); // nothing follows
    expect(mails).toHaveLength(1);
  });
});
