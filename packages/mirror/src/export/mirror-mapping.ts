import type { PrefixRule } from "@package-operator/image";
import { MirrorError } from "../errors.ts";

/** A rule in the form that node configuration knows: a repository or namespace, and where its mirror is. */
export interface MirrorMapping {
  /** `host[/path]`, without trailing slash. */
  readonly source: string;
  readonly mirror: string;
}

/**
 * Turns rules into whole-segment mappings. Node configuration compares path segments, so a rule that ends inside a segment
 * or names a tag has no equivalent there.
 *
 * @throws MirrorError `plan`, listing the rules that cannot be expressed.
 */
export function toMappings(rules: readonly PrefixRule[], format: string): MirrorMapping[] {
  const unfit = rules.filter((rule) => !isWholeSegment(rule));
  if (unfit.length > 0) {
    const list = unfit.map(({ from, to }) => `${from}=${to}`).join(", ");
    throw new MirrorError(
      "plan",
      `${format} matches whole path segments below a registry host, which cannot say: ${list}; ` +
        'end both sides with "/" and begin them with a host',
    );
  }
  return rules.map(({ from, to }) => ({ source: from.replace(/\/$/, ""), mirror: to.replace(/\/$/, "") }));
}

function isWholeSegment({ from, to }: PrefixRule): boolean {
  const isPlace = (text: string): boolean =>
    /^[^/]*[.:][^/]*\/([^/:@]+\/)*$/.test(text) || text.startsWith("localhost/");
  return isPlace(from) && isPlace(to);
}
