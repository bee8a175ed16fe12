import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The duties that a provider can have. */
export const duties = ["send", "receipt", "pull", "limit", "idempotency", "errors"] as const;
export type Duty = (typeof duties)[number];

export interface NamedTest {
  readonly provider: string;
  readonly duty: Duty;
  readonly name: string;
  /** From the root of the project. */
  readonly file: string;
}

const root = (path: string): string => fileURLToPath(new URL(`../${path}`, import.meta.url));
const folders = ["test/sinks/providers", "test/sources"];
const isDuty = (word: string): word is Duty => (duties as readonly string[]).includes(word);

/** The name of a test without the values that it is run with, which follow a colon. */
const readable = (name: string): string => name.replaceAll('\\"', '"').replace(/: %[a-z](?:, %[a-z])*$/, "");

const testsOf = (file: string): NamedTest[] => {
  const text = readFileSync(root(file), "utf8");
  const found: NamedTest[] = [];
  let provider: string | undefined;
  for (const [, described, duty, name] of text.matchAll(/describe\("provider (\w+)|\(\s*"(\w+): ((?:[^"\\]|\\.)*)"/g)) {
    if (described) provider = described;
    else if (provider && duty && isDuty(duty)) found.push({ provider, duty, name: readable(name ?? ""), file });
  }
  return found;
};

/** The tests whose names begin with a duty of a provider. */
export const providerTests = (): readonly NamedTest[] =>
  folders.flatMap((folder) =>
    readdirSync(root(folder))
      .filter((name) => name.endsWith(".test.ts"))
      .sort()
      .flatMap((name) => testsOf(`${folder}/${name}`)),
  );
