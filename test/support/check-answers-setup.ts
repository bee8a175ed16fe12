import { afterAll, afterEach } from "vitest";
import { checkedAnswers } from "./checked-answers.js";

/** Fails each test, and each file, in which a server answered other than the contract of its route declares. */
const assertDeclared = (): void => {
  const problems = checkedAnswers.take();
  if (problems.length > 0) throw new Error(`answers differ from their contracts (http/routes/contracts):\n${problems.join("\n")}`);
};

afterEach(assertDeclared);
afterAll(assertDeclared);
