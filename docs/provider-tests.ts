import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** What a provider can be expected to do. */
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

const testsOf = (file: string): NamedTest[] => {
  const text = readFileSync(root(file), "utf8");
  const found: NamedTest[] = [];
  let provider: string | undefined;
  for (const [, described, duty, name] of text.matchAll(/describe\("provider (\w+)|\("(\w+): ((?:[^"\\]|\\.)*)"/g)) {
    if (described) provider = described;
    else if (provider && duty && isDuty(duty)) found.push({ provider, duty, name: (name ?? "").replaceAll('\\"', '"'), file });
  }
  return found;
};

/** The tests that say in their names which duty of which provider they are about. */
export const providerTests = (): readonly NamedTest[] =>
  folders.flatMap((folder) =>
    readdirSync(root(folder))
      .filter((name) => name.endsWith(".test.ts"))
      .sort()
      .flatMap((name) => testsOf(`${folder}/${name}`)),
  );
