/** A pattern that cannot be read; found only when matching gets to the faulty place, as upstream finds it. */
export class GlobSyntaxError extends Error {
  override readonly name = "GlobSyntaxError";

  constructor() {
    super("syntax error in pattern");
  }
}

/** Steps of matching before a pattern whose stars or alternatives multiply is taken for a faulty one. */
const maxSteps = 1_000_000;

type Symbols = readonly string[];

/** Counts what is left of `maxSteps`. */
interface Budget {
  steps: number;
}

/**
 * Matches a whole path against a pattern of `spec.filter.paths`, in the dialect of Go's doublestar v1: `*` and `?` stay
 * inside a segment, `**` as a whole segment spans any number of them, `[a-c]`, `[^a]`, `{a,b/c}`, `\x`.
 *
 * Alternatives are followed side by side, as doublestar does, with its blind spots: of `{a,a/b}` only `a/b` matches, and
 * an alternative with a slash that begins where a segment of the path has ended is a fault.
 *
 * @throws GlobSyntaxError
 */
export function matchPathGlob(pattern: string, path: string): boolean {
  return matchSegments(Array.from(pattern), path.split(/(?<!\\)\//), { steps: maxSteps });
}

function matchSegments(pattern: Symbols, segments: readonly string[], budget: Budget): boolean {
  const slash = indexOfUnescaped(pattern, "/");
  if (pattern.slice(0, slash === -1 ? undefined : slash).join("") === "**") {
    if (slash === -1) return true;
    const rest = pattern.slice(slash + 1);
    // Faults in what follows go unnoticed here.
    return segments.some((_, from) =>
      ignoringFaults(() => matchSegments(rest, segments.slice(from), budget)),
    );
  }
  const rests = matchSegment(pattern, Array.from(segments[0] ?? ""), budget);
  if (rests === undefined) return false;
  if (segments.length === 1) return rests.length === 0;
  return rests.some((rest) => matchSegments(rest, segments.slice(1), budget));
}

function ignoringFaults(match: () => boolean): boolean {
  try {
    return match();
  } catch (error) {
    if (error instanceof GlobSyntaxError) return false;
    throw error;
  }
}

/** What of `pattern` is left for the segments that follow, for each way to match this one; undefined for no way. */
function matchSegment(pattern: Symbols, segment: Symbols, budget: Budget): Symbols[] | undefined {
  let at = 0;
  for (const [place, character] of segment.entries()) {
    if (--budget.steps < 0) throw new GlobSyntaxError();
    const symbol = pattern[at++];
    if (symbol === undefined || symbol === "/") return undefined;
    if (symbol === "*") return matchStar(pattern.slice(at), segment.slice(place), budget);
    if (symbol === "{") return matchAlternatives(pattern.slice(at), segment.slice(place), budget);
    if (symbol === "[") {
      const length = indexOfUnescaped(pattern.slice(at), "]");
      if (length === -1) throw new GlobSyntaxError();
      if (!matchClass(pattern.slice(at, at + length), character)) return undefined;
      at += length + 1;
    } else {
      const literal = symbol === "\\" ? pattern[at++] : symbol;
      if (literal === undefined) throw new GlobSyntaxError();
      if (literal !== character && symbol !== "?") return undefined;
    }
  }
  return matchNothing(pattern.slice(at));
}

/** The segment is at its end: the pattern must be, too, or its part for this segment must match nothing. */
function matchNothing(pattern: Symbols): Symbols[] | undefined {
  const slash = indexOfUnescaped(pattern, "/");
  if (!canBeEmpty(slash === -1 ? pattern : pattern.slice(0, slash))) return undefined;
  return slash === -1 ? [] : [pattern.slice(slash + 1)];
}

function canBeEmpty(pattern: Symbols): boolean {
  if (pattern.length <= 2 && pattern.every((symbol) => symbol === "*")) return true;
  if (pattern[0] !== "{") return false;
  const { options, rest } = alternatives(pattern.slice(1));
  return canBeEmpty(rest) && options.some(canBeEmpty);
}

function matchStar(rest: Symbols, segment: Symbols, budget: Budget): Symbols[] | undefined {
  if (rest.length === 0) return [];
  if (rest[0] === "/") return [rest.slice(1)];
  for (const place of segment.keys()) {
    const rests = matchSegment(rest, segment.slice(place), budget);
    if (rests !== undefined) return rests;
  }
  return undefined;
}

function matchAlternatives(pattern: Symbols, segment: Symbols, budget: Budget): Symbols[] | undefined {
  const { options, rest } = alternatives(pattern);
  const matches = options
    .map((option) => matchSegment([...option, ...rest], segment, budget))
    .filter((rests) => rests !== undefined);
  return matches.length === 0 ? undefined : matches.flat();
}

/** The options of a group, `pattern` beginning behind its brace, and what follows the group. */
function alternatives(pattern: Symbols): { readonly options: readonly Symbols[]; readonly rest: Symbols } {
  const options: Symbols[] = [];
  let depth = 1;
  let start = 0;
  for (let index = 0; index < pattern.length; index++) {
    const symbol = pattern[index];
    if (symbol === "\\") index++;
    else if (symbol === "{") depth++;
    else if (symbol === "}") depth--;
    if (depth === 0 || (symbol === "," && depth === 1)) {
      options.push(pattern.slice(start, index));
      start = index + 1;
    }
    if (depth === 0) return { options, rest: pattern.slice(start) };
  }
  throw new GlobSyntaxError();
}

/** The first `wanted` that has no backslash before it, even an escaped one; -1 where there is none. */
function indexOfUnescaped(pattern: Symbols, wanted: string): number {
  return pattern.findIndex((symbol, index) => symbol === wanted && pattern[index - 1] !== "\\");
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
