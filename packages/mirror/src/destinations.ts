import { formatRepository, parseReference, type PrefixMatcher } from "@package-operator/image";
import type { Closure, ClosureImage } from "./closure.ts";

/** Where one image goes: a repository, and the tags that something asks for it by. */
export interface Destination {
  readonly image: ClosureImage;
  readonly registry: string;
  readonly repository: string;
  readonly tags: readonly string[];
  /** The references as written that lead there. */
  readonly references: readonly string[];
}

/** What a target registry takes. */
export interface TargetLimits {
  /** Most folders and name of a repository, for example 2 for `org/app`. Default: no bound. */
  readonly maxDepth?: number | undefined;
}

/** Longest `registry/repository` that every common registry takes. */
const MAX_LENGTH = 255;

interface Place {
  readonly registry: string;
  readonly repository: string;
  readonly tag: string | undefined;
}

type OpenDestination = Destination & { readonly tags: string[]; readonly references: string[] };

/** Where the rules send every image, and one sentence for everything that does not fit. */
export function findDestinations(
  closure: Closure,
  matcher: PrefixMatcher,
  limits: TargetLimits = {},
): { readonly destinations: readonly Destination[]; readonly problems: readonly string[] } {
  const problems = new Set<string>();
  const destinations = closure.images.flatMap((image) =>
    destinationsOf(image, (reference) => {
      const place = mirrorPlace(reference, image, matcher, limits);
      if (typeof place !== "string") return place;
      problems.add(place);
      return undefined;
    }),
  );
  for (const problem of findCollisions(destinations)) problems.add(problem);
  settleTags(destinations);
  return { destinations, problems: [...problems] };
}

/** Every image under its own name, as an archive holds it. */
export function originalDestinations(closure: Closure): readonly Destination[] {
  const destinations = closure.images.flatMap((image) => destinationsOf(image, placeOf));
  settleTags(destinations);
  return destinations;
}

/** One destination per target repository: differently written references of one image may go to different places. */
function destinationsOf(
  image: ClosureImage,
  find: (reference: string) => Place | undefined,
): OpenDestination[] {
  const byTarget = new Map<string, OpenDestination>();
  for (const reference of image.references) {
    const place = find(reference);
    if (place === undefined) continue;
    const { registry, repository, tag } = place;
    const key = formatRepository(place);
    const destination = byTarget.get(key) ?? { image, registry, repository, tags: [], references: [] };
    byTarget.set(key, destination);
    destination.references.push(reference);
    if (tag !== undefined && !destination.tags.includes(tag)) destination.tags.push(tag);
  }
  return [...byTarget.values()];
}

function placeOf(reference: string): Place {
  const { registry, repository, kind, identifier, tag } = parseReference(reference);
  return { registry, repository, tag: kind === "tag" ? identifier : tag };
}

/** The place that the rules give, or what is wrong with it. */
function mirrorPlace(
  reference: string,
  image: ClosureImage,
  matcher: PrefixMatcher,
  { maxDepth }: TargetLimits,
): Place | string {
  if (matcher.match(reference) === undefined) return `no rule moves ${reference}`;
  const rewritten = matcher.replace(reference);
  let place: Place;
  try {
    place = placeOf(rewritten);
  } catch {
    return `${reference} becomes ${rewritten}, which is no valid image reference`;
  }
  // Go's parser lets empty parts of a path pass; no registry does.
  if (place.repository.split("/").includes("")) {
    return `${reference} becomes ${rewritten}, which is no valid image reference`;
  }
  const name = formatRepository(place);
  if (name === formatRepository(image)) return `${reference} would be copied onto itself`;
  if (name.length > MAX_LENGTH) {
    return `${reference} becomes ${name}, which has ${name.length} characters; registries take ${MAX_LENGTH}`;
  }
  const depth = place.repository.split("/").length;
  if (maxDepth !== undefined && depth > maxDepth) {
    return `${reference} becomes ${name}, which is ${depth} levels deep; the target takes ${maxDepth}`;
  }
  return place;
}

function findCollisions(destinations: readonly Destination[]): string[] {
  const sources = new Map<string, string>();
  return destinations.flatMap((destination) => {
    const target = formatRepository(destination);
    const source = formatRepository(destination.image);
    const other = sources.get(target) ?? source;
    sources.set(target, other);
    return other === source ? [] : [`${other} and ${source} would both become ${target}`];
  });
}

/**
 * A tag can be wanted for two digests when it has moved since a lock was written. What asks by tag today gets the tag;
 * the locked image is always fetched by digest and needs none.
 */
function settleTags(destinations: readonly OpenDestination[]): void {
  const holders = new Map<string, OpenDestination>();
  for (const destination of destinations) {
    for (const tag of [...destination.tags]) {
      const place = `${formatRepository(destination)}:${tag}`;
      const holder = holders.get(place) ?? destination;
      const isSame = holder.image.digest === destination.image.digest;
      const winner = isSame || !isLocked(holder) ? holder : destination;
      const loser = winner === holder ? destination : holder;
      holders.set(place, winner);
      if (!isSame) loser.tags.splice(loser.tags.indexOf(tag), 1);
    }
  }
}

function isLocked({ image }: Destination): boolean {
  return image.reasons.every(({ kind }) => kind === "lock" || kind === "dependency");
}
