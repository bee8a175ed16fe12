import { randomBytes } from "node:crypto";
import pc from "picocolors";

const colors = pc.createColors(true);

/** The escape sequences that switch a style on and off. */
const sequencesOf = (style: "bold" | "dim" | "red" | "green" | "yellow" | "cyan"): readonly [on: string, off: string] => {
  const [on = "", off = ""] = colors[style]("|").split("|");
  return [on, off];
};

const styles = {
  bold: sequencesOf("bold"),
  dim: sequencesOf("dim"),
  red: sequencesOf("red"),
  green: sequencesOf("green"),
  yellow: sequencesOf("yellow"),
  cyan: sequencesOf("cyan"),
} as const;

type Style = keyof typeof styles;

/** Differs in each process, so that external text cannot contain Carillon's marks. */
const token = randomBytes(12).toString("hex");
const end = "/";
const mark = (name: Style | typeof end): string => `\ufdd0${token}${name}\ufdd1`;
const marks = new RegExp(`\ufdd0${token}([a-z/]*)\ufdd1`, "g");

const painter =
  (style: Style) =>
  (text: string): string =>
    `${mark(style)}${text}${mark(end)}`;

/**
 * Styles parts of an output. Marks represent the styles until the output is written: by then all escape sequences in external text have
 * been escaped, and only Carillon's take effect.
 */
export const paint = {
  bold: painter("bold"),
  dim: painter("dim"),
  red: painter("red"),
  green: painter("green"),
  yellow: painter("yellow"),
  cyan: painter("cyan"),
};

/** The text without its styles. */
export const unpainted = (text: string): string => text.replace(marks, "");

const isStyle = (name: string): name is Style => Object.hasOwn(styles, name);

/** The text with its styles as terminal sequences. */
export const painted = (text: string): string => {
  const open: Style[] = [];
  return text.replace(marks, (_, name: string) => {
    if (isStyle(name)) {
      open.push(name);
      return styles[name][0];
    }
    const closed = open.pop();
    if (closed === undefined) return "";
    const off = styles[closed][1];
    // one sequence ends several styles, so the surrounding ones are switched on again
    const around = open.filter((style) => styles[style][1] === off).map((style) => styles[style][0]);
    return off + around.join("");
  });
};

/**
 * Whether a stream shows colors: a terminal does, unless NO_COLOR is set; FORCE_COLOR decides for any stream. Source: no-color.org,
 * force-color.org.
 */
export const showsColors = ({ isTTY }: Partial<Pick<NodeJS.WriteStream, "isTTY">>, environment: NodeJS.ProcessEnv): boolean => {
  if (environment.NO_COLOR) return false;
  if (environment.FORCE_COLOR) return environment.FORCE_COLOR !== "0" && environment.FORCE_COLOR !== "false";
  return isTTY === true && environment.TERM !== "dumb";
};
