import type { Digest } from "../digest.ts";
import type { Manifest } from "../manifest.ts";

/**
 * Removes the manifests of a repository that no tag leads to, and returns those that stay. A tag leads to its manifest, an
 * index to its children, and a manifest to what refers to it.
 *
 * `remove` may leave a manifest where it is, because somebody asked for it a moment ago; then all that it leads to stays,
 * too. So each manifest has its turn after everything that leads to it, and nothing is left with a part missing. Where
 * referrers make a circle there is no such order, and it stays.
 */
export async function removeUntagged(
  manifests: ReadonlyMap<Digest, Manifest>,
  tagged: Iterable<Digest>,
  remove: (digest: Digest) => Promise<boolean>,
): Promise<readonly Digest[]> {
  const leads = leadsOf(manifests);
  const { order, circles } = arrange(manifests.keys(), leads);
  const kept = new Set<Digest>();
  const keep = (digest: Digest): void => {
    if (kept.has(digest)) return;
    kept.add(digest);
    for (const next of leads.get(digest) ?? []) keep(next);
  };
  for (const digest of [...tagged, ...circles]) keep(digest);
  for (const digest of order) {
    if (manifests.has(digest) && !kept.has(digest) && !(await remove(digest))) keep(digest);
  }
  return [...manifests.keys()].filter((digest) => kept.has(digest));
}

type Leads = ReadonlyMap<Digest, readonly Digest[]>;

function leadsOf(manifests: ReadonlyMap<Digest, Manifest>): Leads {
  const leads = new Map<Digest, Digest[]>();
  const add = (from: Digest, to: Digest): void => {
    const known = leads.get(from);
    if (known === undefined) leads.set(from, [to]);
    else known.push(to);
  };
  for (const [digest, manifest] of manifests) {
    if (manifest.kind === "index") for (const child of manifest.manifests) add(digest, child.digest);
    if (manifest.subject !== undefined) add(manifest.subject.digest, digest);
  }
  return leads;
}

/** An order in which whatever leads to a manifest comes before it, and at least one member of each circle. */
function arrange(
  digests: Iterable<Digest>,
  leads: Leads,
): { readonly order: readonly Digest[]; readonly circles: ReadonlySet<Digest> } {
  const states = new Map<Digest, "open" | "done">();
  const circles = new Set<Digest>();
  const backwards: Digest[] = [];
  const visit = (digest: Digest): void => {
    if (states.get(digest) === "open") circles.add(digest);
    if (states.has(digest)) return;
    states.set(digest, "open");
    for (const next of leads.get(digest) ?? []) visit(next);
    states.set(digest, "done");
    backwards.push(digest);
  };
  for (const digest of digests) visit(digest);
  return { order: backwards.toReversed(), circles };
}
