import { createPrefixMatcher, parsePrefixOverrides } from "@package-operator/image";
import type { MirrorPlan, VerifiedUse } from "@package-operator/mirror";

/** Where one image came from, what became of its reference, and where it is used. */
export interface ImageRow {
  /** The reference as packages and manifests write it. */
  readonly original: string;
  /** The rule that rewrites it, as `from=to`. */
  readonly rule: string;
  readonly resolved: string;
  readonly digest: string;
  readonly usedBy: readonly string[];
}

/** Joins what was mirrored with what a cluster uses. */
export function imageRows(plan: MirrorPlan, uses: readonly VerifiedUse[]): ImageRow[] {
  const matcher = createPrefixMatcher(parsePrefixOverrides(plan.overrides).rules);
  return plan.entries.map(({ references, target, digest }) => {
    const original = references[0] ?? target;
    const rule = matcher.match(original)?.rule;
    const users = uses.filter(({ resolved }) => isAt(resolved, target));
    return {
      original,
      rule: rule === undefined ? "" : `${rule.from}=${rule.to}`,
      resolved: target,
      digest,
      usedBy: [...new Set(users.map(({ kind, objectName }) => `${kind} ${objectName}`))],
    };
  });
}

function isAt(reference: string, repository: string): boolean {
  return reference.startsWith(`${repository}@`) || reference.startsWith(`${repository}:`);
}

/** The rows as text, one block per image, for terminals of any width. */
export function formatImageRows(rows: readonly ImageRow[]): string {
  return rows
    .map(({ original, rule, resolved, digest, usedBy }) => {
      const users =
        usedBy.length === 0 ? "nothing yet (a part of the package that is not installed)" : usedBy.join(", ");
      return `${original}\n  rule      ${rule}\n  resolved  ${resolved}\n  digest    ${digest}\n  used by   ${users}\n`;
    })
    .join("\n");
}
