import type { HostRule } from "./host-overrides.ts";
import { ruleText, type LintContext, type LintFinding } from "./lint-finding.ts";
import { isBoundary } from "./prefix-matcher.ts";
import { parseRegistry } from "./registry.ts";
import { ImageError } from "./errors.ts";

/** Checks each rule of the registry host override by itself. */
export function lintHostRules(context: LintContext): LintFinding[] {
  return context.hosts.flatMap((rule) => [
    ...offBoundary(rule, context.references ?? []),
    ...invalidTarget(rule),
  ]);
}

function offBoundary(rule: HostRule, references: readonly string[]): LintFinding[] {
  const { from, to } = rule;
  if (from === "" || from.endsWith("/")) return [];
  const caught = references.find(
    (reference) => reference.startsWith(from) && !isBoundary(reference, from.length),
  );
  const reference = caught ?? `${from}${from.includes(":") ? "0" : ".evil"}/org/app:v1`;
  return [
    {
      code: "off-boundary",
      severity: "warning",
      option: "host",
      rule: ruleText(rule),
      example: { reference, result: to + reference.slice(Math.max(reference.indexOf("/"), 0)) },
      message: `the rule also catches longer host names and other ports; write ${from}/=${to}`,
    },
  ];
}

function invalidTarget(rule: HostRule): LintFinding[] {
  try {
    parseRegistry(rule.to);
    return [];
  } catch (error) {
    if (!(error instanceof ImageError)) throw error;
    const finding = { code: "invalid-result", severity: "error", option: "host" } as const;
    return [{ ...finding, rule: ruleText(rule), message: error.message }];
  }
}
