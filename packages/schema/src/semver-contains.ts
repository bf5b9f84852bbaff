import type { Constraint } from "./semver-constraint.ts";
import { containsRange, highest, lowest, type VersionRange } from "./semver-range.ts";
import { compareVersions, type SemverOptions } from "./semver-version.ts";

/**
 * Whether every version that `inner` allows is allowed by `outer`, judged by bounds.
 * The upstream reading is satisfied with one alternative of `inner`, and mistakes some exclusions.
 */
export function containsConstraint(
  outer: Constraint,
  inner: Constraint,
  options: SemverOptions = {},
): boolean {
  if (options.reading === "upstream") return containsAsUpstream(outer, inner);
  return alternativesOf(inner).every((alternative) => containsAlternative(outer, alternative));
}

/** One conjunction: versions of a range, some excluded. */
interface Alternative {
  readonly range: VersionRange;
  readonly excluded: readonly VersionRange[];
}

function containsAlternative(outer: Constraint, inner: Alternative): boolean {
  // A conjunction that allows nothing lies in everything.
  if (isEmpty(inner.range)) return true;
  switch (outer.kind) {
    case "range":
      return containsRange(outer, inner.range);
    case "not":
      return (
        isEmpty(intersect(outer.range, inner.range)) ||
        inner.excluded.some((range) => containsRange(range, outer.range))
      );
    case "and":
      return outer.parts.every((part) => containsAlternative(part, inner));
    default:
      return outer.parts.some((part) => containsAlternative(part, inner));
  }
}

function alternativesOf(constraint: Constraint): Alternative[] {
  switch (constraint.kind) {
    case "range":
      return [{ range: constraint, excluded: [] }];
    case "not":
      return [{ range: { min: lowest, max: highest }, excluded: [constraint.range] }];
    case "or":
      return constraint.parts.flatMap(alternativesOf);
    default:
      // A conjunction never holds alternatives.
      return [
        constraint.parts.flatMap(alternativesOf).reduce((a, b) => ({
          range: intersect(a.range, b.range),
          excluded: [...a.excluded, ...b.excluded],
        })),
      ];
  }
}

function intersect(a: VersionRange, b: VersionRange): VersionRange {
  return {
    min: compareVersions(a.min, b.min) > 0 ? a.min : b.min,
    max: compareVersions(a.max, b.max) < 0 ? a.max : b.max,
  };
}

function isEmpty({ min, max }: VersionRange): boolean {
  return compareVersions(min, max) > 0;
}

function containsAsUpstream(outer: Constraint, inner: Constraint): boolean {
  switch (outer.kind) {
    case "range":
      return rangeContainsAsUpstream(outer, inner);
    case "not":
      return !containsAsUpstream(inner, { kind: "range", ...outer.range });
    case "and":
      return outer.parts.every((part) => containsAsUpstream(part, inner));
    default:
      return outer.parts.some((part) => containsAsUpstream(part, inner));
  }
}

function rangeContainsAsUpstream(outer: VersionRange, inner: Constraint): boolean {
  switch (inner.kind) {
    case "range":
      return containsRange(outer, inner);
    case "not":
      return !containsRange(outer, inner.range);
    case "and":
      return inner.parts.every((part) => rangeContainsAsUpstream(outer, part));
    default:
      return inner.parts.some((part) => rangeContainsAsUpstream(outer, part));
  }
}
