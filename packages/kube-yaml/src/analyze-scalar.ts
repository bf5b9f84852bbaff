/** What the writer needs to know of a string before it chooses a style; libyaml's rules. */
export interface ScalarAnalysis {
  readonly multiline: boolean;
  readonly plainAllowed: boolean;
  readonly singleQuotedAllowed: boolean;
  readonly blockAllowed: boolean;
}

/** Line feed, carriage return, next line, line and paragraph separator. */
export function isBreak(character: string | undefined): boolean {
  return (
    character === "\n" ||
    character === "\r" ||
    character === "\u0085" ||
    character === "\u2028" ||
    character === "\u2029"
  );
}

/** Printable by go-yaml v2: no tab, no byte order mark, and nothing above the basic plane. */
export function isPrintable(character: string): boolean {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x80) return code === 0x0a || (code >= 0x20 && code <= 0x7e);
  if (code < 0xa0 || code > 0xffff) return false;
  return (code < 0xd800 || code >= 0xe000) && code !== 0xfeff && code !== 0xfffe && code !== 0xffff;
}

const empty: ScalarAnalysis = {
  multiline: false,
  plainAllowed: true,
  singleQuotedAllowed: true,
  blockAllowed: false,
};
const simple: ScalarAnalysis = { ...empty, blockAllowed: true };
const simpleText = /^[A-Za-z0-9_$/.][A-Za-z0-9_$/.;=+-]*$/;

/** Looks once through the text and tells which styles can hold it in block context. */
export function analyzeScalar(text: string): ScalarAnalysis {
  if (text === "") return empty;
  if (simpleText.test(text) && !text.startsWith("...")) return simple;
  const characters = Array.from(text);
  const spaces = spacesAndBreaks(characters);
  const edge = spaces.leading || spaces.trailing || spaces.breaks;
  const special = spaces.spaceBreak || !characters.every(isPrintable);
  return {
    multiline: spaces.breaks,
    plainAllowed: !edge && !spaces.breakSpace && !special && !hasIndicators(text),
    singleQuotedAllowed: !spaces.breakSpace && !special,
    blockAllowed: !spaces.trailingSpace && !special,
  };
}

function hasIndicators(text: string): boolean {
  if (/^(?:---|\.\.\.)/.test(text)) return true;
  if (/^[#,[\]{}&*!|>'"%@`]/.test(text)) return true;
  if (/^[?:-](?:[ \t]|$)/.test(text)) return true;
  return /:(?:[ \t]|$)/.test(text.slice(1)) || /[ \t\0]#/.test(text);
}

interface SpacesAndBreaks {
  readonly leading: boolean;
  readonly trailing: boolean;
  readonly trailingSpace: boolean;
  readonly breaks: boolean;
  /** A space right after a break. */
  readonly breakSpace: boolean;
  /** A break right after a space. */
  readonly spaceBreak: boolean;
}

function spacesAndBreaks(characters: readonly string[]): SpacesAndBreaks {
  let breaks = false;
  let breakSpace = false;
  let spaceBreak = false;
  let previous: "space" | "break" | undefined;
  for (const character of characters) {
    if (character === " ") {
      breakSpace ||= previous === "break";
      previous = "space";
    } else if (isBreak(character)) {
      breaks = true;
      spaceBreak ||= previous === "space";
      previous = "break";
    } else {
      previous = undefined;
    }
  }
  const first = characters[0];
  return {
    leading: first === " " || isBreak(first),
    trailing: previous !== undefined,
    trailingSpace: previous === "space",
    breaks,
    breakSpace,
    spaceBreak,
  };
}
