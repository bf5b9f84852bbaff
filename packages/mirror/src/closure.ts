import { formatRepository } from "@package-operator/image";
import type { ContentSource } from "@package-operator/oci";
import { MirrorError } from "./errors.ts";
import type { ImageTree } from "./image-tree.ts";
import type { ImageLeak } from "./leaks.ts";
import {
  type ImagesOfPackage,
  imagesOfPackage,
  openPackageImage,
  type PackageFiles,
} from "./package-images.ts";
import type { PlatformSubset } from "./platform-subset.ts";
import { resolveRequest } from "./resolve-request.ts";

/** Why an image belongs to a closure. */
export interface ClosureReason {
  /**
   * - `source`: the user named it;
   * - `bootstrap`: a container of the bootstrap Job; `bootstrap-package`: the package that the Job installs;
   * - `config`: a value of the bootstrap configuration;
   * - `lock`, `dependency`: an entry of a package's lock file;
   * - `package`: a Package object that a package renders.
   */
  readonly kind: "source" | "bootstrap" | "bootstrap-package" | "config" | "lock" | "dependency" | "package";
  /** Where it is said: a file, or the reference of a package, with `component` where it is not the root. */
  readonly in: string;
  readonly component?: string;
  /** The entry's name there. */
  readonly name?: string;
}

/** A wanted image: by the lock's digest where there is one, else by what the reference says. */
export interface ImageRequest {
  /** As written; override rules are matched against this text. */
  readonly reference: string;
  readonly digest?: string;
  /** Whether it is a package, whose own images are wanted too. */
  readonly isPackage: boolean;
  readonly reason: ClosureReason;
}

/** One image of a closure. */
export interface ClosureImage {
  readonly registry: string;
  readonly repository: string;
  readonly digest: string;
  readonly mediaType: string;
  /** Every spelling that asked for it, in the order found. */
  readonly references: readonly string[];
  readonly isPackage: boolean;
  readonly platforms: readonly string[];
  /** Blobs and manifests, in bytes, each once. */
  readonly size: number;
  readonly tree: ImageTree;
  /** Where it is a new index with some platforms of another. */
  readonly subset?: PlatformSubset;
  readonly reasons: readonly ClosureReason[];
}

/** All images that something needs to run. */
export interface Closure {
  readonly images: readonly ClosureImage[];
  /** Images that objects name by themselves; they are not part of the closure, as no rule reaches them. */
  readonly leaks: readonly ImageLeak[];
  /** Things worth knowing that stop nothing, one sentence each. */
  readonly warnings: readonly string[];
}

/** Opens a repository for reading. */
export type OpenSource = (registry: string, repository: string) => ContentSource;

export interface ClosureOptions {
  readonly open: OpenSource;
  readonly signal?: AbortSignal | undefined;
  /** Where an image is really fetched, for a closure of what is at a mirror. Default: where the reference says. */
  readonly locate?: (request: ImageRequest) => string;
  /** Told of each image that cannot be read; without it they are all thrown together. */
  readonly onProblem?: (request: ImageRequest, error: MirrorError) => void;
  /** Called when an image was found, for progress. */
  readonly onImage?: (image: ClosureImage) => void;
}

/** What a closure starts from. */
export interface ClosureRoots {
  readonly requests: readonly ImageRequest[];
  /** Packages at hand as files, for example a folder: their images are wanted, they themselves are no image. */
  readonly packages?: readonly PackageFiles[];
  readonly leaks?: readonly ImageLeak[];
}

/**
 * Walks from the roots to every image they need: package → lock files of root and components → dependencies and
 * packages they install, and so on. Cycles are legal; each image is read once.
 *
 * @throws MirrorError `source`, naming the image, who needs it and what its registry said.
 */
export async function computeClosure(roots: ClosureRoots, options: ClosureOptions): Promise<Closure> {
  const images = new Map<string, MutableImage>();
  const warnings = new Set<string>();
  const leaks = [...(roots.leaks ?? [])];
  const expanded = new Set<string>();
  const collect = (found: readonly ImagesOfPackage[]): ImageRequest[] => {
    for (const { warnings: more } of found) for (const warning of more) warnings.add(warning);
    leaks.push(...found.flatMap((one) => one.leaks));
    return found.flatMap(({ requests }) => requests);
  };
  const fromFiles = await Promise.all((roots.packages ?? []).map((files) => imagesOfPackage(files)));
  let wanted = [...roots.requests, ...collect(fromFiles)];
  while (wanted.length > 0) {
    const resolved = await settleAll(wanted, options, (request) =>
      resolveRequest(request, options, warnings),
    );
    const packages: { readonly request: ImageRequest; readonly image: MutableImage }[] = [];
    for (const { request, registry, repository, tree } of resolved) {
      const key = `${registry}/${repository}@${tree.root.digest}`;
      const known = images.get(key);
      const image = known ?? newImage(registry, repository, tree);
      images.set(key, image);
      addRequest(image, request);
      if (known === undefined) options.onImage?.(image);
      if (request.isPackage && !expanded.has(key)) {
        expanded.add(key);
        packages.push({ request, image });
      }
    }
    const requests = packages.map(({ request }) => request);
    const found = await settleAll(requests, options, (_request, index) =>
      expandPackage(packages[index]!.image, options),
    );
    wanted = collect(found);
  }
  return { images: [...images.values()], leaks, warnings: [...warnings] };
}

/** Runs a step for all requests; what cannot be done goes to `onProblem`, or is thrown as one error that names it all. */
async function settleAll<T>(
  requests: readonly ImageRequest[],
  { onProblem }: ClosureOptions,
  step: (request: ImageRequest, index: number) => Promise<T>,
): Promise<T[]> {
  const results = await Promise.allSettled(requests.map(step));
  const errors = new Map<string, MirrorError>();
  for (const [index, result] of results.entries()) {
    if (result.status === "fulfilled") continue;
    if (!(result.reason instanceof MirrorError)) throw result.reason;
    onProblem?.(requests[index]!, result.reason);
    errors.set(result.reason.message, result.reason);
  }
  const [first, ...more] = errors.values();
  if (onProblem === undefined && first !== undefined) {
    if (more.length === 0) throw first;
    const list = [...errors.keys()].map((message) => `\n- ${message}`).join("");
    throw new MirrorError("source", `${errors.size} images cannot be read:${list}`, { cause: first });
  }
  return results.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
}

interface MutableImage extends ClosureImage {
  references: string[];
  isPackage: boolean;
  reasons: ClosureReason[];
}

function newImage(registry: string, repository: string, tree: ImageTree): MutableImage {
  const size = [...tree.manifests, ...tree.blobs].reduce((sum, descriptor) => sum + descriptor.size, 0);
  return {
    registry,
    repository,
    digest: tree.root.digest,
    mediaType: tree.root.mediaType,
    references: [],
    isPackage: false,
    platforms: tree.platforms,
    size,
    tree,
    reasons: [],
  };
}

function addRequest(image: MutableImage, { reference, isPackage, reason }: ImageRequest): void {
  if (!image.references.includes(reference)) image.references.push(reference);
  image.isPackage ||= isPackage;
  if (!image.reasons.some((known) => JSON.stringify(known) === JSON.stringify(reason)))
    image.reasons.push(reason);
}

async function expandPackage(
  image: ClosureImage,
  { open, signal }: ClosureOptions,
): ReturnType<typeof imagesOfPackage> {
  const name = `${formatRepository(image)}@${image.digest}`;
  try {
    return await imagesOfPackage(
      await openPackageImage(open(image.registry, image.repository), image.digest, {
        reference: image.references[0] ?? name,
        signal,
      }),
    );
  } catch (cause) {
    if (cause instanceof MirrorError) throw cause;
    throw new MirrorError("source", `${image.references[0] ?? name}: ${(cause as Error).message}`, {
      subject: image.references[0] ?? name,
      cause,
    });
  }
}
