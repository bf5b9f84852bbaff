import { attempt } from "./errors.ts";
import { matchHost, replaceHost } from "./host-overrides.ts";
import { ruleText, type LintContext, type LintFinding } from "./lint-finding.ts";
import type { PrefixRule } from "./prefix-overrides.ts";
import { parseReference } from "./reference.ts";
import { dockerHub } from "./registry.ts";
import { canonical, dockerHubSpellings, sampleReferences } from "./sample-reference.ts";

/** Checks how rules work together and, where they are known, how the references fare. */
export function lintRuleSet(context: LintContext): LintFinding[] {
  return [
    ...rulesWithoutEffect(context),
    ...missedDockerHubReferences(context),
    ...sharedTargets(context),
    ...hostAndPrefix(context),
  ];
}

/** Rules that no known reference needs: nothing starts with their `from`, or longer rules take all of it. */
function rulesWithoutEffect({ prefix, references }: LintContext): LintFinding[] {
  if (references === undefined) return [];
  const winners = new Set(references.map((reference) => prefix.match(reference)?.rule));
  return prefix.rules.flatMap((rule): LintFinding[] => {
    if (winners.has(rule)) return [];
    const finding = { severity: "warning", option: "prefix", rule: ruleText(rule) } as const;
    const taken = references.find((reference) => reference.startsWith(rule.from));
    if (taken === undefined) {
      return [{ ...finding, code: "unused", message: "no reference starts with this prefix" }];
    }
    return [
      {
        ...finding,
        code: "shadowed",
        example: { reference: taken, result: prefix.replace(taken) },
        message: "every reference it could replace is taken by another rule",
      },
    ];
  });
}

/** Known Docker Hub references that no rule replaces although a rule replaces another spelling of the same image. */
function missedDockerHubReferences({ prefix, references = [] }: LintContext): LintFinding[] {
  return references.flatMap((reference): LintFinding[] => {
    if (prefix.match(reference) !== undefined || canonical(reference) === undefined) return [];
    const { registry, repository } = parseReference(reference);
    if (registry !== dockerHub) return [];
    const spelling = dockerHubSpellings(repository).find((name) => prefix.match(name) !== undefined);
    const rule = spelling === undefined ? undefined : prefix.match(spelling)?.rule;
    if (spelling === undefined || rule === undefined) return [];
    return [
      {
        code: "docker-hub-spelling",
        severity: "warning",
        option: "prefix",
        rule: ruleText(rule),
        example: { reference, result: reference },
        message: `${reference} is not replaced, though the same image spelled ${spelling} would be`,
      },
    ];
  });
}

function sharedTargets(context: LintContext): LintFinding[] {
  const sources = new Map<string, { reference: string; rule: PrefixRule | undefined }[]>();
  for (const reference of context.references ?? probesOf(context.prefix.rules)) {
    const target = canonical(context.prefix.replace(reference));
    if (target === undefined || canonical(reference) === undefined) continue;
    const rule = context.prefix.match(reference)?.rule;
    sources.set(target, [...(sources.get(target) ?? []), { reference, rule }]);
  }
  const findings = new Map<string, LintFinding>();
  for (const [target, [first, ...others]] of sources) {
    for (const { reference, rule = first?.rule } of others) {
      if (first === undefined || rule === undefined || rule.from === first.rule?.from) continue;
      if (canonical(reference) === canonical(first.reference)) continue;
      const text = ruleText(rule);
      if (findings.has(text)) continue;
      findings.set(text, {
        code: "shared-target",
        severity: "error",
        option: "prefix",
        rule: text,
        example: { reference, result: target },
        message: `${first.reference} and ${reference} end at the same place`,
      });
    }
  }
  return [...findings.values()];
}

/** References to try when none are known: for rules with one target, the same few names below each source. */
function probesOf(rules: readonly PrefixRule[]): string[] {
  const endings = ["app:v1", "org/app:v1", ":v1", "/app:v1"];
  const uses = new Map<string, number>();
  for (const { to } of rules) uses.set(to, (uses.get(to) ?? 0) + 1);
  return rules
    .filter(({ to }) => (uses.get(to) ?? 0) > 1)
    .flatMap(({ from }) => endings.map((ending) => from + ending));
}

function hostAndPrefix({ prefix, hosts, references }: LintContext): LintFinding[] {
  const findings = new Map<string, LintFinding>();
  const samples = references ?? prefix.rules.flatMap((rule) => sampleReferences(rule.from));
  for (const reference of samples) {
    const found = prefix.match(reference);
    const overridden = prefix.replace(reference);
    const host = matchHost(overridden, hosts);
    if (found === undefined || host === undefined || host.to === "") continue;
    const text = ruleText(host);
    const pull = attempt(() => replaceHost(overridden, hosts));
    if (findings.has(text) || pull === undefined) continue;
    findings.set(text, {
      code: "host-and-prefix",
      severity: "warning",
      option: "host",
      rule: text,
      example: { reference, result: pull },
      message:
        `the prefix override ${ruleText(found.rule)} leads to ${overridden}, which is pulled from ${host.to}; ` +
        "images inside the package do not follow the host override",
    });
  }
  return [...findings.values()];
}
