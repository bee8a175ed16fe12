const columns = 120;

/** Words and code spans. A span stays on one line, so that a search finds it. */
const piece = /(?:`[^`]*`|[^\s`])+/g;

/** A paragraph or a list item in lines of at most 120 columns. `indent` begins every line but the first. */
export const wrapText = (text: string, indent = ""): string => {
  const lines: string[] = [];
  let line = "";
  for (const [word] of text.matchAll(piece)) {
    if (line !== "" && line.length + 1 + word.length > columns) {
      lines.push(line);
      line = indent + word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line].join("\n");
};
