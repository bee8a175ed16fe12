import { type Refusal, refuse } from "../channels/refusal.js";

/** Remembers checks: creating a formatter takes longer than everything else about a user, and few locales and zones are in use. */
const remembered = <Answer>(check: (text: string) => Answer): ((text: string) => Answer) => {
  const most = { answers: 2_000, characters: 100 };
  const known = new Map<string, Answer>();
  return (text) => {
    const found = known.get(text);
    if (found !== undefined) return found;
    const answer = check(text);
    if (known.size >= most.answers) known.clear();
    if (text.length <= most.characters) known.set(text, answer);
    return answer;
  };
};

const localeFix = "give a language tag such as en, pt-BR or zh-Hant-TW (BCP 47)";
const mostLocaleCharacters = 64;

/** A language tag in its canonical form. Source: BCP 47. */
export const readLocale = remembered((text: string): string | Refusal => {
  const given = text.trim();
  if (given === "" || given.length > mostLocaleCharacters) return refuse("is not a language tag", localeFix);
  try {
    // operating systems write en_US
    return Intl.getCanonicalLocales(given.replaceAll("_", "-"))[0] ?? refuse("is not a language tag", localeFix);
  } catch {
    return refuse("is not a language tag", localeFix);
  }
});

const zoneFix = "give a name of the IANA database such as Europe/Paris or UTC";

/** A name of the IANA database, which `Intl` knows. */
export const readTimeZone = remembered((text: string): string | Refusal => {
  const given = text.trim();
  // an offset knows no summer time
  if (!/^[A-Za-z][\w+/-]{0,63}$/.test(given)) return refuse("is not the name of a time zone", zoneFix);
  try {
    new Intl.DateTimeFormat("en-US", { timeZone: given });
    return given;
  } catch {
    return refuse("is not the name of a known time zone", zoneFix);
  }
});
