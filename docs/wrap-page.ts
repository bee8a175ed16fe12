import { wrapText } from "./wrap-text.js";

/** Tables, headings, comments, inner lists and empty lines stay as they are. */
const isFixed = (line: string): boolean => /^(\||#|<|\s+[-*] |$)/.test(line);
const item = /^(?:[-*]|\d+\.) /;

/** Wraps the paragraphs and lists of a page of Markdown at 120 columns. */
export const wrapPage = (page: string): string => {
  const lines: string[] = [];
  let block: { readonly text: string; readonly indent: string } | undefined;
  let isCode = false;
  const close = (): void => {
    if (block) lines.push(wrapText(block.text, block.indent));
    block = undefined;
  };
  for (const line of page.split("\n")) {
    const isFence = line.trimStart().startsWith("```");
    if (isFence) isCode = !isCode;
    const [mark] = item.exec(line) ?? [];
    if (isFence || isCode || isFixed(line)) {
      close();
      lines.push(line);
    } else if (mark !== undefined || !block) {
      close();
      block = { text: line, indent: " ".repeat(mark?.length ?? 0) };
    } else block = { ...block, text: `${block.text} ${line}` };
  }
  close();
  return lines.join("\n");
};
