import { ruleText, type LintContext, type LintFinding } from "./lint-finding.ts";
import { isBoundary } from "./prefix-matcher.ts";
import type { PrefixRule } from "./prefix-overrides.ts";
import { parseReference } from "./reference.ts";
import { dockerHub } from "./registry.ts";
import { canonical, dockerHubSpellings, isHost, sampleReferences } from "./sample-reference.ts";

/** One rule, a reference it was made for, and what becomes of that. */
interface Subject {
  readonly rule: PrefixRule;
  readonly sample: string;
  readonly result: string;
  readonly context: LintContext;
  /** The known references that this rule wins. */
  readonly won: readonly string[];
}

type Problem = Pick<LintFinding, "code" | "severity" | "message" | "example">;

/** Checks each rule by itself, by what it does to a plausible reference and to the known ones. */
export function lintPrefixRules(context: LintContext): LintFinding[] {
  const winners = new Map<string, PrefixRule>();
  for (const rule of context.prefix.rules) {
    if (!winners.has(rule.from)) winners.set(rule.from, rule);
  }
  return [...winners.values()].flatMap((rule) => problemsOf(rule, context));
}

function problemsOf(rule: PrefixRule, context: LintContext): LintFinding[] {
  const samples = sampleReferences(rule.from);
  if (samples.length === 0) {
    const message = `no image reference can start with ${JSON.stringify(rule.from)}`;
    return [{ code: "unused", severity: "error", option: "prefix", rule: ruleText(rule), message }];
  }
  const sample = samples.find((reference) => context.prefix.match(reference)?.rule === rule);
  if (sample === undefined) return [];
  const result = rule.to + sample.slice(rule.from.length);
  const won = (context.references ?? []).filter(
    (reference) => context.prefix.match(reference)?.rule === rule,
  );
  const subject = { rule, sample, result, context, won };
  const findings: LintFinding[] = [];
  for (const check of checks) {
    const problem = check(subject);
    if (problem !== undefined) findings.push({ ...problem, option: "prefix", rule: ruleText(rule) });
  }
  return findings;
}

const checks: readonly ((subject: Subject) => Problem | undefined)[] = [
  offBoundary,
  slashMismatch,
  invalidResult,
  noRegistry,
  notIdempotent,
  dockerHubSpelling,
];

function offBoundary({ rule, context, won }: Subject): Problem | undefined {
  const { from } = rule;
  if (/([/:@]|@sha256:[0-9a-f]{64})$/.test(from)) return undefined;
  const caught = won.find((reference) => !isBoundary(reference, from.length));
  const reference = caught ?? from + siblingEnding(from);
  return {
    code: "off-boundary",
    severity: "warning",
    example: { reference, result: context.prefix.replace(reference) },
    message:
      `${JSON.stringify(from)} ends inside a name, so the rule also catches longer names` +
      (isHost(from) ? " and other ports; end both sides with /" : ""),
  };
}

/** What turns the end of a prefix into the beginning of a neighbour's name. */
function siblingEnding(from: string): string {
  if (isHost(from)) return from.includes(":") ? "0/org/app:v1" : ".example.com/org/app:v1";
  return from.includes(":", from.lastIndexOf("/") + 1) ? "0" : "-other:v1";
}

function slashMismatch({ rule, sample, result }: Subject): Problem | undefined {
  if (rule.to === "" || rule.from.endsWith("/") === rule.to.endsWith("/")) return undefined;
  return {
    code: "slash-mismatch",
    severity: "warning",
    example: { reference: sample, result },
    message: `only ${rule.from.endsWith("/") ? "the left" : "the right"} side ends in /`,
  };
}

function invalidResult({ rule, sample, won }: Subject): Problem | undefined {
  for (const reference of [...won, sample]) {
    const result = rule.to + reference.slice(rule.from.length);
    if (canonical(reference) === undefined || canonical(result) !== undefined) continue;
    return {
      code: "invalid-result",
      severity: "error",
      example: { reference, result },
      message: `the result is no image reference: ${reasonInvalid(result)}`,
    };
  }
  return undefined;
}

function reasonInvalid(reference: string): string {
  if (canonical(reference.toLowerCase()) !== undefined) return "repository names are lower case";
  const repository = reference.slice(reference.indexOf("/") + 1);
  if (repository.length > 255) return "the repository name is longer than 255 characters";
  return "it cannot be parsed";
}

function noRegistry({ sample, result }: Subject): Problem | undefined {
  if (canonical(result) === undefined || /^(index\.)?docker\.io\//.test(result)) return undefined;
  if (parseReference(result).registry !== dockerHub) return undefined;
  return {
    code: "no-registry",
    severity: "warning",
    example: { reference: sample, result: canonical(result) ?? result },
    message: "the replacement names no registry, so the result means Docker Hub",
  };
}

function notIdempotent({ result, context }: Subject): Problem | undefined {
  const again = context.prefix.match(result);
  if (again === undefined) return undefined;
  return {
    code: "not-idempotent",
    severity: "warning",
    example: { reference: result, result: context.prefix.replace(result) },
    message: `references that are already replaced match ${JSON.stringify(again.rule.from)} and are replaced once more`,
  };
}

/** Only without known references; with them, `lintRuleSet` names those that are really missed. */
function dockerHubSpelling({ sample, context }: Subject): Problem | undefined {
  const { registry, repository, identifier, kind } = parseReference(sample);
  if (context.references !== undefined || registry !== dockerHub || kind !== "tag") return undefined;
  const missed = dockerHubSpellings(repository)
    .map((name) => `${name}:${identifier}`)
    .filter((reference) => context.prefix.match(reference) === undefined);
  const [reference] = missed;
  if (reference === undefined) return undefined;
  return {
    code: "docker-hub-spelling",
    severity: "warning",
    example: { reference, result: reference },
    message: `the same Docker Hub image in other spellings is not replaced: ${missed.join(", ")}`,
  };
}
