import {
  createPrefixMatcher,
  formatPrefixOverrides,
  formatRepository,
  type PrefixRule,
} from "@package-operator/image";
import { type ContentTarget, type Descriptor, isOciError } from "@package-operator/oci";
import type { Closure, ClosureReason } from "./closure.ts";
import {
  type Destination,
  findDestinations,
  originalDestinations,
  type TargetLimits,
} from "./destinations.ts";
import { MirrorError } from "./errors.ts";
import type { PlatformSubset } from "./platform-subset.ts";

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
  /** Digests of the manifests of an index. */
  readonly children: readonly string[];
  /** Tags that the target gets, because something asks for the image by them. */
  readonly tags: readonly string[];
  /** The references as written that this entry serves. */
  readonly references: readonly string[];
  readonly platforms: readonly string[];
  /** Where the digest is that of a new index with some platforms of another. */
  readonly subset?: PlatformSubset;
  /** Bytes of the whole image. */
  readonly size: number;
  /** Bytes that no earlier entry of the plan brings to the target. */
  readonly bytesToMove: number;
  readonly reasons: readonly ClosureReason[];
}

export interface MirrorPlan {
  /** The rules in the syntax of `PKO_IMAGE_PREFIX_OVERRIDES`; empty when images keep their names, as in an archive. */
  readonly overrides: string;
  readonly entries: readonly PlanEntry[];
  readonly bytesToMove: number;
  readonly warnings: readonly string[];
}

/** Opens a repository for writing. */
export type OpenTarget = (registry: string, repository: string) => ContentTarget;

export interface PlanOptions extends TargetLimits {
  readonly rules: readonly PrefixRule[];
  /** Without it nothing is asked, and everything counts as not there yet: for a target out of reach. */
  readonly openTarget?: OpenTarget;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Decides where every image goes and asks the target what is there already.
 *
 * @throws MirrorError `plan`, listing everything that does not fit: an image that no rule moves, a target that is no valid
 *   reference, too long, too deep or equal to its source, two repositories that would meet at one target.
 */
export async function planMirror(closure: Closure, options: PlanOptions): Promise<MirrorPlan> {
  const matcher = createPrefixMatcher(options.rules);
  const { destinations, problems } = findDestinations(closure, matcher, options);
  if (problems.length > 0) {
    throw new MirrorError("plan", `the override rules do not fit the images:\n- ${problems.join("\n- ")}`);
  }
  const actions = await Promise.all(destinations.map((destination) => chooseAction(destination, options)));
  return planOf(destinations, actions, {
    overrides: formatPrefixOverrides(options.rules),
    warnings: [...closure.warnings, ...leakWarnings(closure, options.rules)],
    storeOf: ({ registry }) => registry,
  });
}

/** The plan that gathers a closure under its original names, in an archive. */
export function planArchive(closure: Closure): MirrorPlan {
  const destinations = originalDestinations(closure);
  const actions = destinations.map((): PlanAction => "copy");
  return planOf(destinations, actions, {
    overrides: "",
    warnings: closure.warnings,
    storeOf: () => "archive",
  });
}

/** Images that objects name by themselves stay where they are, unless that is the mirror already. */
function leakWarnings({ leaks }: Closure, rules: readonly PrefixRule[]): string[] {
  return leaks
    .filter(({ reference }) => !rules.some(({ to }) => to !== "" && reference.startsWith(to)))
    .map(
      ({ reference, object, path, in: place }) =>
        `${reference} is written out in ${object} (${path}) of ${place}: no rule reaches it, and it is not mirrored`,
    );
}

interface PlanContext extends Pick<MirrorPlan, "overrides" | "warnings"> {
  /** Destinations of the same store share their blobs. */
  readonly storeOf: (destination: Destination) => string;
}

function planOf(
  destinations: readonly Destination[],
  actions: readonly PlanAction[],
  { storeOf, ...common }: PlanContext,
): MirrorPlan {
  // What is there already need not be sent for another image either.
  const stored = new Set(
    destinations.flatMap((destination, index) =>
      actions[index] === "copy" ? [] : contentKeys(destination, storeOf(destination)),
    ),
  );
  const entries = destinations.map((destination, index): PlanEntry => {
    const keys = contentKeys(destination, storeOf(destination));
    const sizes = contentOf(destination).map(({ size }) => size);
    const bytesToMove = sizes.reduce((sum, size, at) => (stored.has(keys[at]!) ? sum : sum + size), 0);
    for (const key of keys) stored.add(key);
    return { ...entryOf(destination), action: actions[index]!, bytesToMove };
  });
  return { ...common, entries, bytesToMove: entries.reduce((sum, entry) => sum + entry.bytesToMove, 0) };
}

function contentOf({ image: { tree } }: Destination): readonly Descriptor[] {
  return [...tree.manifests, ...tree.blobs];
}

function contentKeys(destination: Destination, store: string): string[] {
  return contentOf(destination).map(({ digest }) => `${store}\n${digest}`);
}

async function chooseAction(
  destination: Destination,
  { openTarget, signal }: PlanOptions,
): Promise<PlanAction> {
  const { image, registry, repository, tags } = destination;
  if (openTarget === undefined) return "copy";
  const target = openTarget(registry, repository);
  const ask = (reference: string): Promise<Descriptor | undefined> =>
    resolveIfThere(target, reference, signal);
  const present = await ask(image.digest);
  if (present === undefined) return registry === image.registry ? "mount" : "copy";
  const tagged = await Promise.all(tags.map(ask));
  return tagged.every((descriptor) => descriptor?.digest === image.digest) ? "present" : "retag";
}

/** Some registries deny access to a repository that the first push will create; the push shows whether it was that. */
async function resolveIfThere(
  target: ContentTarget,
  reference: string,
  signal: AbortSignal | undefined,
): Promise<Descriptor | undefined> {
  try {
    return await target.resolve(reference, { signal });
  } catch (error) {
    if (isOciError(error, "unauthorized", "denied")) return undefined;
    throw error;
  }
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
    children: image.tree.manifests.slice(1).map(({ digest }) => digest),
    tags,
    references,
    platforms: image.platforms,
    ...(image.subset === undefined ? {} : { subset: image.subset }),
    size: image.size,
    reasons: image.reasons,
  };
}
