/** One sample of Prometheus's text format. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const labelsIn = (text: string): Record<string, string> =>
  Object.fromEntries([...text.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, name = "", value = ""]) => [name, value]));

const sampleOf = (line: string): Sample[] => {
  const found = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line);
  return found ? [{ name: found[1] ?? "", labels: labelsIn(found[2] ?? ""), value: Number(found[3]) }] : [];
};

export const readMetrics = async (url: string): Promise<Sample[]> =>
  (await (await fetch(`${url}/metrics`)).text())
    .split("\n")
    .filter((line) => !line.startsWith("#"))
    .flatMap(sampleOf);
