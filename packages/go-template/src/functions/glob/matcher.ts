import type { Budget } from "../../limits.ts";
import { type ByteString, decodeRune, encodeRune, runeCount, runesOf } from "../../text/byte-string.ts";

/** Where a match was found: its first byte, and in how many bytes it can end, in rising order. */
export interface Found {
  readonly at: number;
  readonly lengths: readonly number[];
}

/**
 * What a part of a pattern was compiled to. gobwas combines parts by looking for one in the midst of a text and then
 * matching what is beside it. Lengths in characters serve as lengths in bytes there, and parts that cannot be looked for
 * match nothing: which files a pattern gets depends on it, so matchers are put together and look as they do in Go.
 */
export interface Matcher {
  readonly kind:
    | "text"
    | "single"
    | "list"
    | "any"
    | "super"
    | "prefix"
    | "suffix"
    | "either"
    | "tree"
    | "other";
  /** Characters of every match; undefined where they differ, or Go cannot tell. */
  readonly length: number | undefined;
  /** Text of `text`, `prefix` and `suffix`. */
  readonly text?: ByteString;
  /** Characters that a run of such matchers leaves out; defined for those of which Go makes one. */
  readonly excluded?: ByteString;
  /** What a `tree` is made of. */
  readonly tree?: Tree;
  matches(text: ByteString, budget: Budget): boolean;
  find(text: ByteString, budget: Budget): Found | undefined;
}

/** A part that is looked for, and what must match before and behind it; undefined where nothing may be. */
export interface Tree {
  readonly value: Matcher;
  readonly left: Matcher | undefined;
  readonly right: Matcher | undefined;
}

/** Offsets at which the characters of a text begin. */
function starts(text: ByteString): number[] {
  const offsets: number[] = [];
  for (let at = 0; at < text.length; at += decodeRune(text, at).size) offsets.push(at);
  return offsets;
}

/** Every offset between two characters, the ends of the text included. */
function borders(text: ByteString): number[] {
  return [...starts(text), text.length];
}

function found(at: number, lengths: readonly number[]): Found | undefined {
  return at === -1 ? undefined : { at, lengths };
}

const separator = "/";

/** The text before the first separator. */
function segmentOf(text: ByteString): ByteString {
  const end = text.indexOf(separator);
  return end === -1 ? text : text.slice(0, end);
}

export function textMatcher(text: ByteString): Matcher {
  return {
    kind: "text",
    length: runeCount(text),
    text,
    matches: (input) => input === text,
    find: (input) => found(input.indexOf(text), [text.length]),
  };
}

/** One character that passes. */
function characterMatcher(kind: "single" | "list" | "other", passes: (rune: number) => boolean): Matcher {
  return {
    kind,
    length: 1,
    matches: (input) => {
      const { rune, size } = decodeRune(input, 0);
      return input.length <= size && passes(rune);
    },
    find: (input) => {
      for (const at of starts(input)) {
        const { rune } = decodeRune(input, at);
        if (passes(rune)) return { at, lengths: [encodeRune(rune).length] };
      }
      return undefined;
    },
  };
}

export function singleMatcher(): Matcher {
  return { ...characterMatcher("single", (rune) => rune !== separator.charCodeAt(0)), excluded: separator };
}

export function rangeMatcher(low: number, high: number, not: boolean): Matcher {
  return characterMatcher("other", (rune) => (low <= rune && rune <= high) !== not);
}

export function listMatcher(characters: ByteString, not: boolean): Matcher {
  const runes = new Set(runesOf(characters));
  const matcher = characterMatcher("list", (rune) => runes.has(rune) !== not);
  return not ? { ...matcher, excluded: characters } : matcher;
}

/** `*`: anything in one folder. */
export function anyMatcher(): Matcher {
  return {
    kind: "any",
    length: undefined,
    excluded: separator,
    matches: (input) => !input.includes(separator),
    find: (input) => ({ at: 0, lengths: borders(segmentOf(input)) }),
  };
}

/** `**`: anything. */
export function superMatcher(): Matcher {
  return {
    kind: "super",
    length: undefined,
    excluded: "",
    matches: () => true,
    find: (input) => ({ at: 0, lengths: borders(input) }),
  };
}

export function nothingMatcher(): Matcher {
  return {
    kind: "other",
    length: 0,
    matches: (input) => input === "",
    find: () => ({ at: 0, lengths: [0] }),
  };
}

/** A text and whatever follows, in one folder or in any. */
export function prefixMatcher(text: ByteString, across: boolean): Matcher {
  const rest = (input: ByteString, at: number): ByteString => input.slice(at + text.length);
  const ends = (tail: ByteString): number[] => borders(across ? tail : segmentOf(tail));
  return {
    // Of the two only the one that goes across folders is put together further.
    kind: across ? "prefix" : "other",
    length: undefined,
    text,
    matches: (input) => input.startsWith(text) && (across || !rest(input, 0).includes(separator)),
    find: (input) => {
      const at = input.indexOf(text);
      return at === -1 ? undefined : { at, lengths: ends(rest(input, at)).map((end) => text.length + end) };
    },
  };
}

/** A text after anything, in one folder or in any. */
export function suffixMatcher(text: ByteString, across: boolean): Matcher {
  return {
    kind: across ? "suffix" : "other",
    length: undefined,
    text,
    matches: (input) =>
      input.endsWith(text) && (across || !input.slice(0, input.length - text.length).includes(separator)),
    find: (input) => {
      const end = input.indexOf(text);
      if (end === -1) return undefined;
      const at = across ? 0 : input.slice(0, end).lastIndexOf(separator) + 1;
      return { at, lengths: [end + text.length - at] };
    },
  };
}

/** A text at the beginning and one at the end. */
export function prefixSuffixMatcher(prefix: ByteString, suffix: ByteString): Matcher {
  return {
    kind: "other",
    length: undefined,
    matches: (input) => input.startsWith(prefix) && input.endsWith(suffix),
    find: (input) => {
      const at = input.indexOf(prefix);
      if (at === -1) return undefined;
      const lengths: number[] = [];
      let head = input.slice(at);
      for (let end = head.lastIndexOf(suffix); end !== -1; end = head.lastIndexOf(suffix)) {
        lengths.unshift(end + suffix.length);
        head = head.slice(0, end);
      }
      return lengths.length === 0 ? undefined : { at, lengths };
    },
  };
}

/** A text with a needle in it, or with none. */
export function containsMatcher(needle: ByteString, not: boolean): Matcher {
  return {
    kind: "other",
    length: undefined,
    matches: (input) => input.includes(needle) !== not,
    find: (input) => {
      const at = input.indexOf(needle);
      if (not) return { at: 0, lengths: borders(at === -1 ? input : input.slice(0, at)) };
      const end = at + needle.length;
      return at === -1 ? undefined : { at: 0, lengths: borders(input.slice(end)).map((more) => end + more) };
    },
  };
}

/** A text of at least so many characters. */
export function minimumMatcher(count: number): Matcher {
  return {
    kind: "other",
    length: undefined,
    matches: (input) => runeCount(input) >= count,
    find: (input) => {
      const lengths = borders(input).slice(count);
      return lengths.length === 0 ? undefined : { at: 0, lengths };
    },
  };
}

/** A text of at most so many characters. */
export function maximumMatcher(count: number): Matcher {
  return {
    kind: "other",
    length: undefined,
    matches: (input) => runeCount(input) <= count,
    find: (input) => ({ at: 0, lengths: borders(input).slice(0, count + 1) }),
  };
}
