import { ImageError } from "./errors.ts";
import { splitOverrides, type OverrideEntry } from "./override-text.ts";

/** References that start with `from` get `to` in its place. */
export interface PrefixRule {
  readonly from: string;
  readonly to: string;
}

/** An element of an override value that was left out, and why. */
export interface DroppedEntry {
  readonly text: string;
  /** Position in the value, counted from 1. */
  readonly position: number;
  readonly reason: "blank" | "no-equals-sign" | "empty-from";
}

/** What an image prefix override value says. */
export interface PrefixOverrides {
  /** The rules in the order of the value. */
  readonly rules: readonly PrefixRule[];
  readonly dropped: readonly DroppedEntry[];
  /** One sentence per thing that is probably a mistake, ready to be logged. */
  readonly warnings: readonly string[];
}

/** How `parsePrefixOverrides` treats what can only be a typing mistake. */
export interface ParsePrefixOverridesOptions {
  /**
   * Read the value to the letter, as the Go operator does: white space is kept and an empty `from` stays in the list,
   * where it never matches. Needed only to compute what that operator would have hashed.
   */
  readonly literal?: boolean;
}

/**
 * Parses the value of `-image-prefix-overrides` (`from=to,from=to`). It never fails: a bad element is dropped with a
 * warning, so that a typing mistake is visible without stopping the operator. White space around `from` and `to` is
 * trimmed, as no image reference contains any.
 */
export function parsePrefixOverrides(
  text: string,
  options: ParsePrefixOverridesOptions = {},
): PrefixOverrides {
  const literal = options.literal ?? false;
  const rules: PrefixRule[] = [];
  const dropped: DroppedEntry[] = [];
  const warnings: string[] = [];
  for (const entry of splitOverrides(text)) {
    const from = literal ? entry.from : entry.from?.trim();
    const to = literal ? entry.to : entry.to?.trim();
    if (from === undefined || to === undefined || (from === "" && !literal)) {
      dropped.push({ text: entry.text, position: entry.position, reason: reasonFor(entry) });
      continue;
    }
    rules.push({ from, to });
    if (!to.includes("/")) {
      warnings.push(
        `image prefix override ${JSON.stringify(`${from}=${to}`)}: the replacement has no "/", ` +
          "so the result may name no registry",
      );
    }
  }
  return { rules, dropped, warnings: [...dropped.map(droppedWarning), ...warnings] };
}

/**
 * Writes rules as one value that `parsePrefixOverrides` reads back unchanged.
 * @throws {ImageError} `invalid-rule` for a rule the syntax cannot carry: `,` or surrounding white space anywhere, `=` in
 *   `from`, an empty `from`.
 */
export function formatPrefixOverrides(rules: readonly PrefixRule[]): string {
  return rules.map(formatRule).join(",");
}

/** The outcome of joining two lists of rules. */
export interface MergedPrefixRules {
  /** The first list followed by what the second adds. */
  readonly rules: readonly PrefixRule[];
  /** Pairs with the same `from` and different `to`; the first list's rule is the one in `rules`. */
  readonly conflicts: readonly { readonly existing: PrefixRule; readonly added: PrefixRule }[];
}

/** Adds rules to a list, each once; merging the same rules again changes nothing. */
export function mergePrefixRules(
  existing: readonly PrefixRule[],
  added: readonly PrefixRule[],
): MergedPrefixRules {
  const rules = [...existing];
  const conflicts: { existing: PrefixRule; added: PrefixRule }[] = [];
  for (const rule of added) {
    const same = rules.find((other) => other.from === rule.from);
    if (same === undefined) rules.push(rule);
    else if (same.to !== rule.to) conflicts.push({ existing: same, added: rule });
  }
  return { rules, conflicts };
}

function formatRule({ from, to }: PrefixRule): string {
  const text = `${from}=${to}`;
  const sound = from !== "" && !/[,=]/.test(from) && !to.includes(",");
  if (!sound || from.trim() !== from || to.trim() !== to) {
    throw new ImageError(
      "invalid-rule",
      `image prefix override ${JSON.stringify(text)} cannot be written as from=to`,
      text,
    );
  }
  return text;
}

function reasonFor(entry: OverrideEntry): DroppedEntry["reason"] {
  if (entry.from !== undefined) return "empty-from";
  return entry.text.trim() === "" ? "blank" : "no-equals-sign";
}

const explanations: Record<DroppedEntry["reason"], string> = {
  blank: "it is empty",
  "no-equals-sign": 'it has no "=", expected from=to',
  "empty-from": 'nothing stands before the "="',
};

function droppedWarning({ text, position, reason }: DroppedEntry): string {
  return `image prefix override ${JSON.stringify(text)} (entry ${position}) dropped: ${explanations[reason]}`;
}
