import {
  createPrefixMatcher,
  formatPrefixOverrides,
  formatRepository,
  parseReference,
  type PrefixMatcher,
  type PrefixRule,
} from "@package-operator/image";
import type { ContentTarget } from "@package-operator/oci";
import type { Closure, ClosureImage, ClosureReason } from "./closure.ts";
import { MirrorError } from "./errors.ts";

/**
 * - `copy`: content moves;
 * - `mount`: source and target are the same registry, which links the blobs;
 * - `retag`: the image is there, tags are missing or point elsewhere;
 * - `present`: nothing to do.
 */
export type PlanAction = "copy" | "mount" | "retag" | "present";

/** What happens to one image. Applying a plan copies exactly these digests. */
export interface PlanEntry {
  readonly action: PlanAction;
  /** `<registry>/<repository>`. */
  readonly source: string;
  readonly target: string;
  readonly digest: string;
  readonly mediaType: string;
  /** Tags that the target gets, because something asks for the image by them. */
  readonly tags: readonly string[];
  /** The references as written that this entry serves. */
  readonly references: readonly string[];
  readonly platforms: readonly string[];
  /** Bytes of the whole image. */
  readonly size: number;
  /** Bytes that no earlier entry of the plan brings to the target. */
  readonly bytesToMove: number;
  readonly reasons: readonly ClosureReason[];
}

export interface MirrorPlan {
  /** The rules in the syntax of `PKO_IMAGE_PREFIX_OVERRIDES`. */
  readonly overrides: string;
  readonly entries: readonly PlanEntry[];
  readonly bytesToMove: number;
  readonly warnings: readonly string[];
}

/** Opens a repository for writing. */
export type OpenTarget = (registry: string, repository: string) => ContentTarget;

export interface PlanOptions {
  readonly rules: readonly PrefixRule[];
  readonly openTarget: OpenTarget;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Decides where every image goes and asks the target what is there already.
 *
 * @throws MirrorError `plan`, listing everything that does not fit: an image that no rule moves, a target that is no valid
 *   reference or equals its source, two repositories that would meet at one target.
 */
export async function planMirror(closure: Closure, options: PlanOptions): Promise<MirrorPlan> {
  const matcher = createPrefixMatcher(options.rules);
  const problems: string[] = [];
  const destinations = closure.images.flatMap((image) => destinationsOf(image, matcher, problems));
  checkCollisions(destinations, problems);
  if (problems.length > 0) {
    throw new MirrorError("plan", `the override rules do not fit the images:\n- ${problems.join("\n- ")}`);
  }
  const actions = await Promise.all(destinations.map((destination) => chooseAction(destination, options)));
  const moved = new Set<string>();
  const entries = destinations.map((destination, index): PlanEntry => {
    const action = actions[index]!;
    return { ...entryOf(destination), action, bytesToMove: bytesToMove(destination, action, moved) };
  });
  return {
    overrides: formatPrefixOverrides(options.rules),
    entries,
    bytesToMove: entries.reduce((sum, entry) => sum + entry.bytesToMove, 0),
    warnings: closure.warnings,
  };
}

interface Destination {
  readonly image: ClosureImage;
  readonly registry: string;
  readonly repository: string;
  readonly tags: string[];
  readonly references: string[];
}

/** One destination per target repository: differently written references of one image may go to different places. */
function destinationsOf(image: ClosureImage, matcher: PrefixMatcher, problems: string[]): Destination[] {
  const byTarget = new Map<string, Destination>();
  for (const reference of image.references) {
    const target = targetOf(reference, image, matcher, problems);
    if (target === undefined) continue;
    const key = formatRepository(target);
    const destination = byTarget.get(key) ?? { image, ...target, tags: [], references: [] };
    byTarget.set(key, destination);
    destination.references.push(reference);
    if (target.tag !== undefined && !destination.tags.includes(target.tag)) destination.tags.push(target.tag);
  }
  return [...byTarget.values()];
}

function targetOf(
  reference: string,
  image: ClosureImage,
  matcher: PrefixMatcher,
  problems: string[],
): { registry: string; repository: string; tag: string | undefined } | undefined {
  const rewritten = matcher.replace(reference);
  if (matcher.match(reference) === undefined) {
    problems.push(`no rule moves ${reference}`);
    return undefined;
  }
  try {
    const { registry, repository, kind, identifier, tag } = parseReference(rewritten);
    if (registry === image.registry && repository === image.repository) {
      problems.push(`${reference} would be copied onto itself`);
      return undefined;
    }
    return { registry, repository, tag: kind === "tag" ? identifier : tag };
  } catch {
    problems.push(`${reference} becomes ${rewritten}, which is no valid image reference`);
    return undefined;
  }
}

function checkCollisions(destinations: readonly Destination[], problems: string[]): void {
  const sources = new Map<string, string>();
  for (const destination of destinations) {
    const target = formatRepository(destination);
    const source = formatRepository(destination.image);
    const other = sources.get(target) ?? source;
    sources.set(target, other);
    if (other !== source) problems.push(`${other} and ${source} would both become ${target}`);
  }
  const tags = new Map<string, Destination>();
  for (const destination of destinations) {
    for (const tag of destination.tags) {
      const place = `${formatRepository(destination)}:${tag}`;
      const other = tags.get(place) ?? destination;
      tags.set(place, other);
      if (other.image.digest !== destination.image.digest) resolveTag(tag, other, destination);
    }
  }
}

/**
 * A tag can be wanted for two digests when it has moved since a lock was written. What asks by tag today gets the tag;
 * the locked image is always fetched by digest and needs none.
 */
function resolveTag(tag: string, first: Destination, second: Destination): void {
  const isLocked = ({ image }: Destination): boolean =>
    image.reasons.every(({ kind }) => kind === "lock" || kind === "dependency");
  const loser = isLocked(first) ? first : second;
  loser.tags.splice(loser.tags.indexOf(tag), 1);
}

async function chooseAction(
  destination: Destination,
  { openTarget, signal }: PlanOptions,
): Promise<PlanAction> {
  const { image, registry, repository, tags } = destination;
  const target = openTarget(registry, repository);
  const present = await target.resolve(image.digest, { signal });
  if (present === undefined) return registry === image.registry ? "mount" : "copy";
  const tagged = await Promise.all(tags.map((tag) => target.resolve(tag, { signal })));
  return tagged.every((descriptor) => descriptor?.digest === image.digest) ? "present" : "retag";
}

function bytesToMove({ image, registry }: Destination, action: PlanAction, moved: Set<string>): number {
  if (action !== "copy") return 0;
  let bytes = 0;
  for (const descriptor of [...image.tree.manifests, ...image.tree.blobs]) {
    const key = `${registry}\n${descriptor.digest}`;
    if (!moved.has(key)) bytes += descriptor.size;
    moved.add(key);
  }
  return bytes;
}

function entryOf({
  image,
  references,
  tags,
  ...target
}: Destination): Omit<PlanEntry, "action" | "bytesToMove"> {
  return {
    source: formatRepository(image),
    target: formatRepository(target),
    digest: image.digest,
    mediaType: image.mediaType,
    tags,
    references,
    platforms: image.platforms,
    size: image.size,
    reasons: image.reasons,
  };
}
