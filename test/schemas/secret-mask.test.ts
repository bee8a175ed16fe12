import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createSecretMask } from "../../schemas/secret-mask.js";
import { parameters } from "../properties/property.js";

const secret = 's3cr3t-"Wörd" & /more\\<+>=%';
const html = (text: string): string =>
  text.replace(/[&<>"']/g, (sign) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" })[sign] ?? sign);
const base64 = (text: string): string => Buffer.from(text).toString("base64");
const wrapped = (text: string, width: number, sign: string): string => text.replace(new RegExp(`(.{${width}})`, "g"), `$1${sign}`);

/** Ways in which a provider can return a secret that it received. */
const spellings: Readonly<Record<string, (text: string) => string>> = {
  "as it is": (text) => text,
  "in capitals": (text) => text.toUpperCase(),
  "in small letters": (text) => text.toLowerCase(),
  "in base64": base64,
  "in base64 after one byte": (text) => base64(`x${text}`),
  "in base64 after two bytes": (text) => base64(`xy${text}z`),
  "in Basic authorization": (text) => `Basic ${base64(`account:${text}`)}`,
  "in SASL PLAIN": (text) => base64(`\0account\0${text}`),
  "in base64url": (text) => Buffer.from(`ab${text}`).toString("base64url"),
  "in hex": (text) => Buffer.from(text).toString("hex"),
  "in hex, capitals": (text) => Buffer.from(text).toString("hex").toUpperCase(),
  "in a URL": encodeURIComponent,
  "in a URL, small letters": (text) => encodeURIComponent(text).replace(/%../g, (code) => code.toLowerCase()),
  "in a URL, every byte": (text) => Buffer.from(text).toString("hex").replace(/../g, "%$&"),
  "in a form": (text) => new URLSearchParams({ text }).toString(),
  "in a URL within a URL": (text) => encodeURIComponent(encodeURIComponent(text)),
  "in JSON": JSON.stringify,
  "in JSON of ASCII alone": (text) =>
    JSON.stringify(text).replace(/[^\x20-\x7e]/g, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`),
  "in JSON within JSON": (text) => JSON.stringify(JSON.stringify(text)),
  "in JSON with slashes escaped": (text) => JSON.stringify(text).replaceAll("/", "\\/"),
  "in HTML": html,
  "in HTML by numbers": (text) => [...text].map((sign) => `&#${sign.codePointAt(0)};`).join(""),
  "in HTML by hex numbers": (text) => [...text].map((sign) => `&#x${sign.codePointAt(0)?.toString(16)};`).join(""),
  "in a URL within HTML": (text) => html(`https://x.test/?k=${encodeURIComponent(text)}&b=1`),
  "in a URL within JSON": (text) => JSON.stringify({ url: `https://x.test/?k=${encodeURIComponent(text)}` }),
  "in the echo of a header": (text) => `x-forwarded-authorization: Bearer ${text}\r\nvia: 1.1 proxy`,
  "in a folded header": (text) => wrapped(text, 7, "\r\n "),
  "wrapped at a width": (text) => wrapped(text, 10, "\n"),
  "wrapped within JSON": (text) => JSON.stringify(wrapped(text, 10, "\r\n")),
  "in wrapped base64": (text) => wrapped(base64(`account:${text}`), 12, "\r\n"),
  "in quoted-printable": (text) => [...Buffer.from(text)].map((byte) => `=${byte.toString(16).toUpperCase().padStart(2, "0")}`).join(""),
  "in code with \\u{…}": (text) => [...text].map((sign) => `\\u{${sign.codePointAt(0)?.toString(16)}}`).join(""),
  "in code with \\U": (text) => [...text].map((sign) => `\\U${sign.codePointAt(0)?.toString(16).padStart(8, "0")}`).join(""),
  "in code with octal numbers": (text) => [...Buffer.from(text, "latin1")].map((byte) => `\\${byte.toString(8).padStart(3, "0")}`).join(""),
  "in a URL with %u": (text) => [...text].map((sign) => `%u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`).join(""),
  "in HTML without semicolons": (text) => [...text].map((sign) => `&#${sign.codePointAt(0)}`).join(""),
  "in HTML by hex numbers without semicolons": (text) => [...text].map((sign) => `&#x${sign.codePointAt(0)?.toString(16)}`).join(""),
  "in HTML by padded numbers": (text) => [...text].map((sign) => `&#${String(sign.codePointAt(0)).padStart(10, "0")};`).join(""),
  "in base64 twice": (text) => base64(base64(text)),
  "in base64 twice, each after something": (text) => base64(`x ${base64(`key:${text}`)}`),
  "in base64 in hex": (text) => Buffer.from(base64(text)).toString("hex"),
  "in base64 of JSON": (text) => base64(JSON.stringify({ password: text })),
  "in base64 of a form": (text) => base64(`password=${encodeURIComponent(text)}`),
  "in base64 of UTF-16": (text) => Buffer.from(`x${text}`, "utf16le").toString("base64"),
  "in UTF-16": (text) => [...text].join("\0"),
  "as a buffer is shown": (text) => `<Buffer ${wrapped(Buffer.from(text).toString("hex"), 2, " ").trim()}>`,
  "as bytes with colons": (text) => wrapped(Buffer.from(text).toString("hex"), 2, ":").replace(/:$/, ""),
  "as bytes with 0x": (text) => [...Buffer.from(text)].map((byte) => `0x${byte.toString(16).padStart(2, "0")}`).join(", "),
  "as a list of bytes": (text) => JSON.stringify(Buffer.from(text)),
  "as a list of bytes, pretty": (text) => JSON.stringify([...Buffer.from(text)], null, 2),
  "split over a list of JSON": (text) => JSON.stringify([text.slice(0, 6), text.slice(6, 11), text.slice(11)]),
  "split over fields of JSON": (text) => JSON.stringify({ one: text.slice(0, 9), "part-two": text.slice(9) }),
  "split over a pretty list": (text) => JSON.stringify([...text], null, 2),
  "split in code": (text) => `'${text.slice(0, 9)}' + '${text.slice(9)}'`,
  "broken by zero-width spaces": (text) => wrapped(text, 5, "\u200b"),
  "in quoted-printable, wrapped": (text) =>
    wrapped([...Buffer.from(text)].map((byte) => `=${byte.toString(16).toUpperCase().padStart(2, "0")}`).join(""), 12, "=\r\n"),
};

/** Whether any recognizable part of the secret is left. */
const fragments = (text: string): string[] => Array.from({ length: text.length - 7 }, (_, index) => text.slice(index, index + 8));

describe("masking by value", () => {
  const mask = createSecretMask(["another-long-secret", secret, "wh1te space"]);

  it.each(Object.keys(spellings))("finds a secret %s", (how) => {
    const spelled = spellings[how]?.(secret) ?? "";
    const text = `before ${spelled} after`;
    const kept = mask(text);
    expect(kept).toContain("***");
    expect(kept.startsWith("before ")).toBe(true);
    expect(kept.endsWith(" after")).toBe(true);
    // nothing inside the secret's own encoding is left, except characters that this encoding adds around it
    const others =
      how.includes("JSON") ||
      how.includes("URL within") ||
      how.includes("form") ||
      how.includes("header") ||
      how.includes("each after") ||
      how.includes("list")
        ? 60
        : 20;
    expect(kept.length).toBeLessThan("before *** after".length + others);
    for (const fragment of fragments(secret)) expect(kept.toLowerCase()).not.toContain(fragment.toLowerCase());
  });

  it("finds each of several, side by side and overlapping", () => {
    const both = createSecretMask(["abcdefgh-ijkl", "ijkl-mnopqrst"]);
    expect(both("x abcdefgh-ijkl-mnopqrst y")).toBe("x *** y");
    expect(both("abcdefgh-ijkl,ijkl-mnopqrst")).toBe("***,***");
  });

  it("leaves other texts as they are", () => {
    for (const text of ["", "nothing here", "%", "\\", "&;", "%zz \\u12 &#xffffffff;", "a=b\r\nc", "s3cr3t", "é🙂"])
      expect(mask(text)).toBe(text);
  });

  it("masks a short secret where it stands alone, and no word that holds it", () => {
    const short = createSecretMask(["test"]);
    expect(short("pwd=test&x=1")).toBe("pwd=***&x=1");
    expect(short("the latest contest, tested")).toBe("the latest contest, tested");
    expect(short(`Basic ${base64("test")}`)).toBe("Basic ***");
  });

  it("knows no secret of fewer than four characters", () => {
    expect(createSecretMask(["abc"])("abc")).toBe("abc");
  });

  it("finds a private key, its lines one by one, and however it is wrapped", () => {
    const lines = ["MIIEvQIBADANBgkqhkiG9w0BAQEFAASC", "BKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj"];
    const pem = `-----BEGIN PRIVATE KEY-----\n${lines.join("\n")}\n-----END PRIVATE KEY-----`;
    const key = createSecretMask([pem]);
    expect(key(`bad key: ${lines[1]}`)).toBe("bad key: ***");
    expect(key(JSON.stringify({ pem }))).toBe('{"pem":"***"}');
    expect(key(pem.replaceAll("\n", "\r\n"))).toBe("***");
  });

  it("finds a secret that ends like a soft line break, at the end of a line", () => {
    for (const value of ["c2VjcmV0IG9mIHNob3A=", "YSBzZWNyZXQ5==", "!      ="])
      expect(createSecretMask([value])(`authorization: Bearer ${value}\r\nvia: 1.1 proxy`)).toBe(
        "authorization: Bearer ***\r\nvia: 1.1 proxy",
      );
  });

  it("finds any secret in any two of these ways, in any text", () => {
    const word = fc.string({ minLength: 8, maxLength: 40, unit: "grapheme-ascii" }).filter((text) => /^\S.*\S$/.test(text));
    const ways = fc.constantFrom(
      ...Object.keys(spellings).filter((how) => !/wrapped|folded|quoted|base64|Basic|SASL|capitals|small letters|hex|split/.test(how)),
    );
    fc.assert(
      fc.property(word, ways, fc.string(), fc.string(), (value, how, before, after) => {
        const spelled = spellings[how]?.(value) ?? "";
        expect(createSecretMask([value])(`${before} ${spelled} ${after}`)).toContain("***");
      }),
      parameters,
    );
  });

  it("takes a time in proportion to the text, however many secrets there are", () => {
    const many = createSecretMask(Array.from({ length: 2_000 }, (_, index) => `secret-number-${index}-of-many`));
    const begin = performance.now();
    expect(many(`${"a".repeat(200_000)}%41\\${"=41".repeat(20_000)}secret-number-77-of-many`)).toContain("***");
    expect(performance.now() - begin).toBeLessThan(15_000);
  });
});
