import { formatRepository, parseReference } from "@package-operator/image";
import { type ContentSource, isOciError } from "@package-operator/oci";
import { MirrorError } from "./errors.ts";
import { type ImageTree, readImageTree } from "./image-tree.ts";
import { imagesOfPackage, openPackageImage, type PackageFiles } from "./package-images.ts";

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
  readonly reasons: readonly ClosureReason[];
}

/** All images that something needs to run. */
export interface Closure {
  readonly images: readonly ClosureImage[];
  /** Things worth knowing that stop nothing, one sentence each. */
  readonly warnings: readonly string[];
}

/** Opens a repository for reading. */
export type OpenSource = (registry: string, repository: string) => ContentSource;

export interface ClosureOptions {
  readonly open: OpenSource;
  readonly signal?: AbortSignal | undefined;
  /** Called when an image was found, for progress. */
  readonly onImage?: (image: ClosureImage) => void;
}

/** What a closure starts from. */
export interface ClosureRoots {
  readonly requests: readonly ImageRequest[];
  /** Packages at hand as files, for example a folder: their images are wanted, they themselves are no image. */
  readonly packages?: readonly PackageFiles[];
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
  const expanded = new Set<string>();
  const fromFiles = await Promise.all((roots.packages ?? []).map((files) => imagesOfPackage(files)));
  for (const found of fromFiles) for (const warning of found.warnings) warnings.add(warning);
  let wanted = [...roots.requests, ...fromFiles.flatMap((found) => found.requests)];
  while (wanted.length > 0) {
    const resolved = await Promise.all(wanted.map((request) => resolveRequest(request, options, warnings)));
    const packages: MutableImage[] = [];
    for (const { request, source, tree } of resolved) {
      const key = `${source.name}@${tree.root.digest}`;
      const known = images.get(key);
      const image = known ?? newImage(request, tree);
      images.set(key, image);
      addRequest(image, request);
      if (known === undefined) options.onImage?.(image);
      if (request.isPackage && !expanded.has(key)) {
        expanded.add(key);
        packages.push(image);
      }
    }
    const next = await Promise.all(packages.map((image) => expandPackage(image, options)));
    for (const found of next) for (const warning of found.warnings) warnings.add(warning);
    wanted = next.flatMap((found) => found.requests);
  }
  return { images: [...images.values()], warnings: [...warnings] };
}

interface MutableImage extends ClosureImage {
  references: string[];
  isPackage: boolean;
  reasons: ClosureReason[];
}

interface ResolvedRequest {
  readonly request: ImageRequest;
  readonly source: ContentSource;
  readonly tree: ImageTree;
}

async function resolveRequest(
  request: ImageRequest,
  { open, signal }: ClosureOptions,
  warnings: Set<string>,
): Promise<ResolvedRequest> {
  const { reference, digest } = request;
  const parsed = parseRequest(request);
  const source = open(parsed.registry, parsed.repository);
  try {
    const tree = await readImageTree(source, digest ?? parsed.identifier, { signal });
    if (digest !== undefined && parsed.kind === "tag") {
      const tagged = await source.resolve(parsed.identifier, { signal });
      if (tagged !== undefined && tagged.digest !== digest) {
        warnings.add(
          `${reference} has moved since it was locked: the lock says ${digest}, the tag is at ${tagged.digest} now; ` +
            "the locked one is mirrored",
        );
      }
    }
    return { request, source, tree };
  } catch (cause) {
    if (!isOciError(cause)) throw cause;
    throw new MirrorError("source", `${describeRequest(request)}: ${cause.message}`, {
      subject: reference,
      cause,
    });
  }
}

function parseRequest(request: ImageRequest): ReturnType<typeof parseReference> {
  try {
    return parseReference(request.reference);
  } catch (cause) {
    throw new MirrorError("source", `${describeRequest(request)}: ${(cause as Error).message}`, {
      subject: request.reference,
      cause,
    });
  }
}

/** The image and, unless the user named it, who needs it. */
function describeRequest({ reference, digest, reason }: ImageRequest): string {
  const image = digest === undefined ? reference : `${reference} (locked at ${digest})`;
  if (reason.kind === "source") return image;
  const component = reason.component === undefined ? "" : `, component ${reason.component}`;
  return `${image}, needed by ${reason.in}${component}`;
}

function newImage(request: ImageRequest, tree: ImageTree): MutableImage {
  const { registry, repository } = parseReference(request.reference);
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
