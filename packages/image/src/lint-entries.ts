import type { LintFinding } from "./lint-finding.ts";
import { splitOverrides } from "./override-text.ts";

/** Checks the elements of one override value for what the parser drops, trims or ignores. */
export function lintEntries(text: string, option: LintFinding["option"]): LintFinding[] {
  const findings: LintFinding[] = [];
  const seen = new Map<string, string>();
  for (const { text: rule, from: rawFrom, to: rawTo } of splitOverrides(text)) {
    const report = (code: LintFinding["code"], severity: LintFinding["severity"], message: string): number =>
      findings.push({ code, severity, option, rule, message });
    if (rule.trim() === "") {
      report("blank-entry", "warning", "an empty entry says nothing; remove the comma");
      continue;
    }
    if (rawFrom === undefined || rawTo === undefined) {
      report("malformed-entry", "error", 'the entry has no "=" and is ignored; write from=to');
      continue;
    }
    const [from, to] = [rawFrom.trim(), rawTo.trim()];
    if (from !== rawFrom || to !== rawTo) {
      const message = "white space around a rule is part of it for the Go operator, which then never matches";
      report("surrounding-space", "warning", message);
    }
    if (from === "") {
      const message =
        option === "prefix"
          ? 'nothing stands before the "=", so the rule never matches'
          : 'nothing stands before the "=", so the rule sends every reference to this registry';
      report("empty-from", option === "prefix" ? "error" : "warning", message);
      continue;
    }
    const earlier = seen.get(from);
    if (earlier === to) report("duplicate", "warning", "the same rule is given twice");
    else if (earlier !== undefined) {
      const winner = option === "prefix" ? earlier : to;
      const message = `${JSON.stringify(from)} is given two replacements; ${JSON.stringify(winner)} is used`;
      report("contradiction", "error", message);
    }
    if (earlier === undefined || option === "host") seen.set(from, to);
  }
  return findings;
}
