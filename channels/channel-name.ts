const nameForm = /^[a-z][a-z0-9_]*$/;

/** The collection for messages of unknown channels has this name. */
const reserved = ["other"];

/** Words that cannot name a constant. Source: ECMA-262, 12.7.2. */
const reservedWords = new Set(
  "await break case catch class const continue debugger default delete do else enum export extends false finally for function if implements import in instanceof interface let new null package private protected public return static super switch this throw true try typeof var void while with yield arguments eval".split(
    " ",
  ),
);

/** Why a name cannot be a channel's, and the fix. Undefined if it can. */
export const channelNameProblem = (name: string): string | undefined => {
  if (!nameForm.test(name) || reserved.includes(name)) return "name a channel in small letters, digits and _, and not other";
  const fix = `rename the file and its export, for example to ${name}_message`;
  if (reservedWords.has(name)) return `${name} is a reserved word of JavaScript: ${fix}`;
  return name in {} ? `every object has a property ${name}: ${fix}` : undefined;
};
