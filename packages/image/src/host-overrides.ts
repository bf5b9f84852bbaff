import path from "node:path";
import { ImageError } from "./errors.ts";
import { splitOverrides } from "./override-text.ts";
import { formatReference, parseReference, type ImageReference } from "./reference.ts";
import { dockerHub, parseRegistry } from "./registry.ts";

/** References that start with `from` are pulled from the registry `to`. */
export interface HostRule {
  /** Compared as text: `quay.io` also covers `quay.io.example.com`. The empty text covers everything. */
  readonly from: string;
  /** A registry authority; the empty text leaves the reference as it is. */
  readonly to: string;
}

/**
 * Parses the value of `-registry-host-overrides` (`host=newhost,host=newhost`). Elements without `=` are dropped, white
 * space around both sides is trimmed, and of equal hosts the last one counts.
 */
export function parseHostOverrides(text: string): readonly HostRule[] {
  const rules = new Map<string, HostRule>();
  for (const { from, to } of splitOverrides(text)) {
    if (from !== undefined && to !== undefined) {
      rules.set(from.trim(), { from: from.trim(), to: to.trim() });
    }
  }
  return [...rules.values()];
}

/** The rule with the longest `from` that the reference starts with. */
export function matchHost(reference: string, rules: readonly HostRule[]): HostRule | undefined {
  let best: HostRule | undefined;
  for (const rule of rules) {
    const applies = reference.startsWith(rule.from);
    if (applies && (best === undefined || rule.from.length > best.from.length)) best = rule;
  }
  return best;
}

/**
 * Applies host rules: the reference's registry is exchanged and the result written out in full, with a digest in place
 * of a tag where there is one. Without a matching rule the reference comes back unread.
 * @throws {ImageError} `invalid-reference` or `invalid-registry`.
 */
export function replaceHost(reference: string, rules: readonly HostRule[]): string {
  const rule = matchHost(reference, rules);
  return rule === undefined ? reference : replaceRegistry(reference, rule.to);
}

/**
 * Exchanges the registry of a reference; an empty registry leaves it unchanged.
 * @throws {ImageError} `invalid-reference` or `invalid-registry`.
 */
export function replaceRegistry(reference: string, registry: string): string {
  if (registry === "") return reference;
  const target = within("image registry override", () => parseRegistry(registry));
  const parsed = within("image reference", () => parseReference(reference));
  return formatReference({ ...parsed, registry: target, repository: moved(parsed, target) });
}

/** The repository's name below another registry, cleaned like a path, as go-containerregistry's `Registry.Repo` does. */
function moved({ repository }: ImageReference, registry: string): string {
  const name = path.posix.normalize(repository).replace(/(?<=.)\/$/, "");
  return registry === dockerHub && !name.includes("/") ? `library/${name}` : name;
}

function within<T>(step: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    if (!(error instanceof ImageError)) throw error;
    throw new ImageError(error.code, `${step}: ${error.message}`, error.input, { cause: error });
  }
}
