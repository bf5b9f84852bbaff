/** A pattern that cannot be read; found only when matching gets to the faulty place, as upstream finds it. */
export class GlobSyntaxError extends Error {
  override readonly name = "GlobSyntaxError";

  constructor() {
    super("syntax error in pattern");
  }
}

/** More alternatives than this are taken for a faulty pattern. */
const maxAlternatives = 4096;

/**
 * Matches a whole path against a pattern of `spec.filter.paths`, in the dialect of Go's doublestar v1: `*` and `?` stay
 * inside a segment, `**` as a whole segment spans any number of them, `[a-c]`, `[^a]`, `{a,b/c}`, `\x`.
 *
 * @throws GlobSyntaxError
 */
export function matchPathGlob(pattern: string, path: string): boolean {
  const segments = path.split("/");
  return expandBraces(pattern).some((one) => matchSegments(splitPattern(one), segments));
}

/** Stands where a brace was, so that `{**,a}` is not taken for a `**` segment; upstream sees the brace there. */
const braceMark = "\0";

/** All alternatives of a pattern, leftmost first; a brace that never closes stays and fails in matching. */
function expandBraces(pattern: string): string[] {
  const open = findOpenBrace(pattern);
  if (open === -1) return [pattern];
  const { options, end } = alternatives(pattern, open);
  if (end === -1) return [pattern];
  const prefix = pattern.slice(0, open);
  const rest = pattern.slice(end);
  const expanded = options.flatMap((option) => expandBraces(prefix + braceMark + option + rest));
  if (expanded.length > maxAlternatives) throw new GlobSyntaxError();
  return expanded;
}

/** The first brace that is neither escaped nor in a character class. */
function findOpenBrace(pattern: string): number {
  let inClass = false;
  for (let index = 0; index < pattern.length; index++) {
    const character = pattern[index];
    if (character === "\\") index++;
    else if (inClass) inClass = character !== "]";
    else if (character === "[") inClass = true;
    else if (character === "{") return index;
  }
  return -1;
}

function alternatives(pattern: string, open: number): { options: string[]; end: number } {
  const options: string[] = [];
  let depth = 1;
  let start = open + 1;
  for (let index = start; index < pattern.length; index++) {
    const character = pattern[index];
    if (character === "\\") index++;
    else if (character === "{") depth++;
    else if (character === "," && depth === 1) {
      options.push(pattern.slice(start, index));
      start = index + 1;
    } else if (character === "}" && --depth === 0) {
      return { options: [...options, pattern.slice(start, index)], end: index + 1 };
    }
  }
  return { options: [], end: -1 };
}

/** Cuts a pattern at its slashes; an escaped slash cuts nothing and so matches nothing. */
function splitPattern(pattern: string): string[] {
  const parts: string[] = [];
  let start = 0;
  for (let index = 0; index < pattern.length; index++) {
    if (pattern[index] === "\\") index++;
    else if (pattern[index] === "/") {
      parts.push(pattern.slice(start, index));
      start = index + 1;
    }
  }
  return [...parts, pattern.slice(start)];
}

function matchSegments(patterns: readonly string[], segments: readonly string[]): boolean {
  for (const [index, pattern] of patterns.entries()) {
    if (pattern === "**") return matchAnywhere(patterns.slice(index + 1), segments.slice(index));
    const segment = segments[index];
    const symbols = Array.from(pattern.replaceAll(braceMark, ""));
    if (segment === undefined || !matchSegment(symbols, Array.from(segment))) return false;
  }
  return patterns.length === segments.length;
}

/** Behind a `**`: what is left may match from any segment on. Faults in patterns go unnoticed here. */
function matchAnywhere(patterns: readonly string[], segments: readonly string[]): boolean {
  if (patterns.length === 0) return segments.length > 0;
  return segments.some((_, from) => ignoringFaults(() => matchSegments(patterns, segments.slice(from))));
}

function ignoringFaults(match: () => boolean): boolean {
  try {
    return match();
  } catch (error) {
    if (error instanceof GlobSyntaxError) return false;
    throw error;
  }
}

function matchSegment(pattern: readonly string[], text: readonly string[]): boolean {
  let at = 0;
  let place = 0;
  while (at < pattern.length && place < text.length) {
    const symbol = pattern[at];
    if (symbol === "*") return matchAfterStar(pattern.slice(at + 1), text.slice(place));
    if (symbol === "{") throw new GlobSyntaxError();
    if (symbol === "[") {
      const end = findClassEnd(pattern, at + 1);
      if (!matchClass(pattern.slice(at + 1, end), text[place] ?? "")) return false;
      at = end + 1;
    } else {
      const literal = symbol === "\\" ? pattern[++at] : symbol;
      if (literal === undefined) throw new GlobSyntaxError();
      if (literal !== text[place] && symbol !== "?") return false;
      at++;
    }
    place++;
  }
  const rest = pattern.slice(at);
  return place === text.length && rest.every((symbol) => symbol === "*");
}

function matchAfterStar(rest: readonly string[], text: readonly string[]): boolean {
  if (rest.length === 0) return true;
  return text.some((_, from) => matchSegment(rest, text.slice(from)));
}

function findClassEnd(pattern: readonly string[], from: number): number {
  for (let index = from; index < pattern.length; index++) {
    if (pattern[index] === "\\") index++;
    else if (pattern[index] === "]") return index;
  }
  throw new GlobSyntaxError();
}

function matchClass(symbols: readonly string[], character: string): boolean {
  if (symbols.length === 0) throw new GlobSyntaxError();
  const negated = symbols[0] === "^";
  const code = character.codePointAt(0) ?? 0;
  let index = negated ? 1 : 0;
  let found = false;
  const take = (): number => {
    const symbol = symbols[index++];
    if (symbol === undefined || symbol === "-") throw new GlobSyntaxError();
    const literal = symbol === "\\" ? symbols[index++] : symbol;
    if (literal === undefined) throw new GlobSyntaxError();
    return literal.codePointAt(0) ?? 0;
  };
  while (index < symbols.length) {
    const low = take();
    if (symbols[index] === "-") index++;
    else {
      found ||= low === code;
      continue;
    }
    const high = take();
    found ||= low <= code && code <= high;
  }
  return found !== negated;
}
