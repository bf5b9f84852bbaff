import {
  type ContentSource,
  digestOf,
  isIndexType,
  type ManifestContent,
  OciError,
  type Platform,
} from "@package-operator/oci";
import type { Closure, ClosureImage, OpenSource } from "./closure.ts";
import { MirrorError } from "./errors.ts";
import { readImageTree } from "./image-tree.ts";
import { items, member } from "./pod-images.ts";

/** The part of an index that a new index was made of. */
export interface PlatformSubset {
  /** Digest of the original index. */
  readonly indexDigest: string;
  /** `os/architecture[/variant]`. */
  readonly platforms: readonly string[];
}

export interface SelectPlatformsOptions {
  readonly platforms: readonly string[];
  readonly open: OpenSource;
  /** Make new indexes, whose digests nothing knows that was locked to the original ones. Default: false. */
  readonly allowNewIndex?: boolean;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Leaves only some platforms of every index. That makes another index with another digest, so that it has to be asked for.
 * Images of a single platform stay as they are.
 * @throws MirrorError `plan`, naming every index that would change, or that has none of the platforms.
 */
export async function selectPlatforms(closure: Closure, options: SelectPlatformsOptions): Promise<Closure> {
  const problems: string[] = [];
  const warnings: string[] = [];
  const images = await Promise.all(
    closure.images.map(async (image): Promise<ClosureImage> => {
      if (!isIndexType(image.mediaType)) return image;
      const name = image.references[0] ?? image.repository;
      const subset = { indexDigest: image.digest, platforms: options.platforms };
      const source = options.open(image.registry, image.repository);
      const content = filterIndex(await source.manifest(image.digest, options), subset);
      if (content === undefined) {
        problems.push(
          `${name} has none of ${options.platforms.join(", ")}, only ${image.platforms.join(", ")}`,
        );
        return image;
      }
      const { digest } = content.descriptor;
      if (digest === image.digest) return image;
      const change = `index ${image.digest} of ${name} would become ${digest}`;
      if (options.allowNewIndex !== true) {
        problems.push(
          `${change}, which nothing finds that is locked to the original; --allow-new-index makes it`,
        );
        return image;
      }
      warnings.push(
        `${change.replace("would become", "becomes")}: what is locked to the original will not find it`,
      );
      const tree = await readImageTree(subsetSource(source, digest, subset), digest, options);
      const size = [...tree.manifests, ...tree.blobs].reduce((sum, descriptor) => sum + descriptor.size, 0);
      return { ...image, digest, tree, size, platforms: tree.platforms, subset };
    }),
  );
  if (problems.length > 0) {
    throw new MirrorError("plan", `the platforms do not fit the images:\n- ${problems.join("\n- ")}`);
  }
  return { ...closure, images, warnings: [...closure.warnings, ...warnings] };
}

/** A source that also has the new index, made anew from the original whenever it is asked for. */
export function subsetSource(source: ContentSource, digest: string, subset: PlatformSubset): ContentSource {
  const read = async (options: { signal?: AbortSignal | undefined } = {}): Promise<ManifestContent> => {
    const content = filterIndex(await source.manifest(subset.indexDigest, options), subset);
    if (content?.descriptor.digest === digest) return content;
    const made = content?.descriptor.digest ?? "nothing";
    const message = `${source.name}: ${subset.platforms.join(", ")} of ${subset.indexDigest} make ${made}, not ${digest}`;
    throw new OciError("digest-mismatch", message, { reference: digest });
  };
  return {
    ...source,
    manifest: (reference, options) =>
      reference === digest ? read(options) : source.manifest(reference, options),
    resolve: async (reference, options) =>
      reference === digest ? (await read(options)).descriptor : source.resolve(reference, options),
  };
}

/** An index with fewer manifests and everything else as it was; undefined when none is left. */
function filterIndex(content: ManifestContent, { platforms }: PlatformSubset): ManifestContent | undefined {
  const index = JSON.parse(Buffer.from(content.bytes).toString("utf8")) as Record<string, unknown>;
  const all = items(index["manifests"]);
  const wanted = new Set(
    all
      .filter((entry) => matches(member(entry, "platform"), platforms))
      .map((entry) => member(entry, "digest")),
  );
  if (wanted.size === 0) return undefined;
  // Attestations of BuildKit stand beside the image that they are about.
  const isKept = (entry: unknown): boolean =>
    wanted.has(member(entry, "digest")) ||
    wanted.has(member(member(entry, "annotations"), "vnd.docker.reference.digest"));
  const kept = all.filter(isKept);
  if (kept.length === all.length) return content;
  const bytes = Buffer.from(JSON.stringify({ ...index, manifests: kept }));
  const descriptor = { ...content.descriptor, digest: digestOf(bytes), size: bytes.length };
  return { descriptor, bytes };
}

function matches(platform: unknown, wanted: readonly string[]): boolean {
  const { os, architecture, variant } = (platform ?? {}) as Partial<Platform>;
  const plain = `${os}/${architecture}`;
  return wanted.includes(plain) || (variant !== undefined && wanted.includes(`${plain}/${variant}`));
}
