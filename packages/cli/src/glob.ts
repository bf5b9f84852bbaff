import { readdir } from "node:fs/promises";
import path from "node:path";

/**
 * Files and folders that a pattern names, in name order: `*`, `?` and `[…]` stand for parts of one path segment, a
 * backslash takes a character as it is. Undefined for a pattern that is none.
 */
export async function glob(cwd: string, pattern: string): Promise<readonly string[] | undefined> {
  const segments = pattern.split("/");
  const matchers = segments.map(segmentMatcher);
  if (matchers.includes(undefined)) return undefined;
  let found: string[] = [""];
  for (const [index, segment] of segments.entries()) {
    const isLiteral = !/[*?[\\]/.test(segment);
    const next: string[] = [];
    for (const base of found) {
      // An absolute pattern starts with an empty segment.
      if (segment === "") next.push(index === 0 ? "/" : base);
      else if (isLiteral) next.push(path.join(base, segment));
      else next.push(...(await matchingNames(cwd, base, matchers[index]!)));
    }
    found = next;
  }
  return found;
}

async function matchingNames(cwd: string, base: string, matcher: RegExp): Promise<string[]> {
  const names = await readdir(path.resolve(cwd, base)).catch(() => []);
  return names
    .filter((name) => matcher.test(name))
    .toSorted()
    .map((name) => path.join(base, name));
}

/** One segment as a regular expression; undefined when brackets or escapes do not end. */
function segmentMatcher(segment: string): RegExp | undefined {
  let source = "";
  let rest = segment;
  while (rest !== "") {
    const match = /^(?:\*|\?|\[(\^?)((?:\\.|[^\]\\])+)\]|\\(.)|([^*?[\\]))/su.exec(rest);
    if (match === null) return undefined;
    const [whole, negated, set, escaped, plain] = match;
    if (whole === "*") source += ".*";
    else if (whole === "?") source += ".";
    else if (set !== undefined) source += `[${negated}${set.replaceAll(/[[^]/g, "\\$&")}]`;
    else source += (escaped ?? plain)!.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&");
    rest = rest.slice(whole.length);
  }
  return new RegExp(`^${source}$`, "su");
}
