import { parsePrefixOverrides, type PrefixRule } from "@package-operator/image";
import { CliError } from "./errors.ts";
import { type Flag, listFlag } from "./flags/flag.ts";

/** `--override from=to`, repeatable; each value may hold several rules, as the operator's own option does. */
export const overrideFlag: Flag<readonly string[]> = listFlag(
  "override rule from=to, or several separated by commas; may be repeated",
);

/**
 * The rules of all `--override` values. A rule that the operator would drop with a warning is an error here: the person
 * who typed it is at the terminal.
 */
export function readRules(values: readonly string[]): readonly PrefixRule[] {
  return values.flatMap((value) => {
    const { rules, dropped, warnings } = parsePrefixOverrides(value);
    if (dropped.length > 0 || rules.length === 0) {
      throw new CliError("usage", warnings[0] ?? `--override ${JSON.stringify(value)} holds no rule from=to`);
    }
    return rules;
  });
}

/** `readRules` for commands that cannot do without. */
export function requireRules(values: readonly string[]): readonly PrefixRule[] {
  if (values.length === 0) throw new CliError("usage", "no rules given: use --override from=to");
  return readRules(values);
}
