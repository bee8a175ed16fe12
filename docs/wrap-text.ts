const columns = 120;

/** Words and code spans: a span that is broken over two lines is not found by its text. */
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
