import type { z } from "zod";
import type { Finding } from "../channels/finding.js";
import { explainIssue, type InputWords } from "./explain-issue.js";

/** Most errors listed for one input, and most characters of a field's name: a body of 1 MB must not cause an answer of ten. */
const most = { errors: 50, nameCharacters: 200 } as const;

const nameOf = (path: readonly PropertyKey[]): string => {
  const name = path.map(String).join(".");
  return name.length > most.nameCharacters ? `${name.slice(0, most.nameCharacters)}…` : name;
};

/** The problems with the shape of an input, each with its field and a fix. */
export const shapeErrors = function* (issues: readonly z.core.$ZodIssue[], input: unknown, words: InputWords): Generator<Finding> {
  for (const issue of issues) {
    if (issue.code !== "unrecognized_keys") {
      yield { field: nameOf(issue.path) || words.whole, reason: "invalid_request", ...explainIssue(issue, input, words) };
      continue;
    }
    for (const key of issue.keys) {
      const field = nameOf([...issue.path, key]) || '""';
      yield { field, reason: "invalid_request", problem: "is not a known field", fix: words.unknownField };
    }
  }
};

/** The first findings, and one that says that there are more. */
export const boundedFindings = (findings: Iterable<Finding>, whole: string): Finding[] => {
  const listed: Finding[] = [];
  for (const finding of findings) {
    if (listed.length === most.errors) {
      const problem = `has more than ${most.errors} errors`;
      return [...listed, { field: whole, reason: "invalid_request", problem, fix: "fix the errors above first" }];
    }
    listed.push(finding);
  }
  return listed;
};
