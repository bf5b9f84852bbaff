import type { ContentSource, ContentTarget } from "../content.ts";
import { isDigest, type Digest } from "../digest.ts";
import { OciError } from "../errors.ts";
import { dependenciesOf, type Descriptor } from "../manifest.ts";
import { copyBlob, isStored, transferBlob } from "./copy-blob.ts";
import { readCopyGraph, type CopyGraph, type CopyNode } from "./copy-graph.ts";
import { askTarget, inJob, type CopyJob } from "./copy-job.ts";
import type { CopyEvent, CopyOptions, CopyResult } from "./copy-options.ts";
import { createCopyRun } from "./copy-run.ts";

/**
 * Copies an image, byte for byte: an index with all its children, and if asked for everything that refers to any of them.
 * Parts come before what points to them and tags last, so that at any moment the target holds whole images only, and a
 * repeated copy goes on where an interrupted one stopped. Throws {@link OciError} naming image, part and registry.
 */
export async function copyImage(
  source: ContentSource,
  target: ContentTarget,
  options: CopyOptions,
): Promise<CopyResult> {
  const counts = createCounts();
  const separator = isDigest(options.reference) ? "@" : ":";
  const job: CopyJob = {
    source,
    target,
    options,
    run: options.run ?? createCopyRun(),
    image: `${source.name}${separator}${options.reference}`,
    emit: (event) => {
      counts.add(event);
      options.onEvent?.(event);
    },
  };
  const root = await findRoot(job);
  const graph = await readCopyGraph(job, root);
  const rootNode = graph.nodes.get(root.digest)!;
  const tags = options.tags ?? (isDigest(options.reference) ? [] : [options.reference]);
  const isLast = !rootNode.isPresent && graph.tags.length === 0 && needsAll(graph, root.digest);
  const [first, ...others] = tags;
  await writeGraph(job, graph, root.digest, isLast ? first : undefined);
  for (const { tag, digest } of graph.tags) await writeTag(job, tag, graph.nodes.get(digest)!);
  for (const tag of isLast ? others : tags) await writeTag(job, tag, rootNode);
  return counts.result(rootNode, graph.referrers);
}

/** A digest needs no request: it says everything but the size, which the manifest itself will show. */
async function findRoot(job: CopyJob): Promise<Descriptor> {
  const { reference, signal } = job.options;
  if (isDigest(reference)) return { mediaType: "", digest: reference, size: 0 };
  const found = await inJob(job, "manifest", () => job.source.resolve(reference, { signal }));
  if (found !== undefined) return found;
  const message = `copying ${job.image} to ${job.target.name}: ${job.source.name} has no tag ${reference}`;
  throw new OciError("not-found", message, { reference: job.image });
}

/** Whether everything else of a graph is written before this manifest. */
function needsAll(graph: CopyGraph, root: Digest): boolean {
  const seen = new Set([root]);
  for (const digest of seen) for (const need of graph.nodes.get(digest)!.needs) seen.add(need);
  return seen.size === graph.nodes.size;
}

/**
 * Writes all manifests, each after its parts and after the manifests that it needs, otherwise at the same time. With a tag
 * the root is written under that instead of its digest, which makes one request of two.
 */
async function writeGraph(
  job: CopyJob,
  graph: CopyGraph,
  root: Digest,
  rootTag: string | undefined,
): Promise<void> {
  const done = new Map<Digest, Promise<void>>();
  const write = (digest: Digest): Promise<void> => {
    let writing = done.get(digest);
    if (writing === undefined) {
      writing = writeNode(digest);
      done.set(digest, writing);
    }
    return writing;
  };
  const writeNode = async (digest: Digest): Promise<void> => {
    const node = graph.nodes.get(digest)!;
    const blobs = node.manifest.kind === "image" ? dependenciesOf(node.manifest).filter(isStored) : [];
    await settle([
      ...[...node.needs].map(write),
      ...blobs.map((blob) => copyBlob(job, blob, { isNew: !node.isPresent })),
    ]);
    const tag = digest === root ? rootTag : undefined;
    await writeManifest(job, graph, node, { isRoot: digest === root, tag });
  };
  await settle([...graph.nodes.keys()].map(write));
}

/** Waits for everything, so that nothing goes on in the background after an error, and throws the first one. */
async function settle(tasks: readonly Promise<void>[]): Promise<void> {
  const results = await Promise.allSettled(tasks);
  const failed = results.find((result) => result.status === "rejected");
  if (failed !== undefined) throw failed.reason;
}

interface ManifestPlace {
  readonly isRoot: boolean;
  readonly tag: string | undefined;
}

async function writeManifest(
  job: CopyJob,
  graph: CopyGraph,
  node: CopyNode,
  place: ManifestPlace,
): Promise<void> {
  const { descriptor } = node.content;
  if (node.isPresent) {
    job.emit({ type: "manifest", image: job.image, descriptor, outcome: "present" });
    return;
  }
  await inJob(job, `manifest ${descriptor.digest}`, async () => {
    try {
      await put(job, node, place);
    } catch (error) {
      if (!isMissingContent(error)) throw error;
      await sendAgain(job, graph, node);
      await put(job, node, place);
    }
  });
  job.emit({ type: "manifest", image: job.image, descriptor, outcome: "written" });
  if (place.tag !== undefined) {
    job.emit({ type: "tag", image: job.image, tag: place.tag, digest: descriptor.digest });
  }
}

function put(job: CopyJob, node: CopyNode, { isRoot, tag }: ManifestPlace): Promise<void> {
  const { signal, tags } = job.options;
  const isNamed = isRoot && (tags ?? []).length === 0 && isDigest(job.options.reference);
  const reference = tag ?? node.content.descriptor.digest;
  return job.target.writeManifest(reference, node.content, { signal, isRoot: isNamed });
}

const missingCodes = new Set(["MANIFEST_BLOB_UNKNOWN", "BLOB_UNKNOWN", "MANIFEST_UNKNOWN"]);

/** The target said before that it has the parts of a manifest, and now refuses the manifest for missing them. */
function isMissingContent(error: unknown): boolean {
  return error instanceof OciError && error.registryErrors.some((entry) => missingCodes.has(entry.code));
}

/** Sends all parts of a manifest without asking the target, whose answers were wrong. */
async function sendAgain(job: CopyJob, graph: CopyGraph, node: CopyNode): Promise<void> {
  const { signal } = job.options;
  if (node.manifest.kind === "image") {
    const blobs = dependenciesOf(node.manifest).filter(isStored);
    await Promise.all(blobs.map((blob) => transferBlob(job, blob)));
    return;
  }
  for (const { digest } of node.manifest.manifests) {
    const child = graph.nodes.get(digest)!;
    await job.target.writeManifest(digest, child.content, { signal });
  }
}

async function writeTag(job: CopyJob, tag: string, node: CopyNode): Promise<void> {
  const { signal } = job.options;
  const { digest } = node.content.descriptor;
  await inJob(job, `tag ${tag}`, async () => {
    // A tag cannot point to a manifest that was not there; where it is right already it may be immutable.
    const ask = (): Promise<Descriptor | undefined> => job.target.resolve(tag, { signal });
    const current = node.isPresent ? await askTarget(undefined, ask) : undefined;
    if (current?.digest === digest) return;
    // A shallow check has not read the manifest.
    const content =
      node.content.bytes.length > 0 ? node.content : await job.target.manifest(digest, { signal });
    await job.target.writeManifest(tag, content, { signal });
    job.emit({ type: "tag", image: job.image, tag, digest });
  });
}

interface Counts {
  add(event: CopyEvent): void;
  result(root: CopyNode, referrers: readonly Digest[]): CopyResult;
}

function createCounts(): Counts {
  const blobs = { present: 0, mounted: 0, written: 0, shared: 0 };
  const manifests = { present: 0, written: 0 };
  let bytes = 0;
  return {
    add(event) {
      if (event.type === "blob") blobs[event.outcome] += 1;
      if (event.type === "manifest") manifests[event.outcome] += 1;
      if (event.type === "bytes") bytes += event.count;
      if (event.type === "manifest" && event.outcome === "written") bytes += event.descriptor.size;
    },
    result(root, referrers) {
      const { digest, mediaType } = root.content.descriptor;
      const outcome = blobs.written + blobs.mounted + manifests.written > 0 ? "copied" : "present";
      return { digest, mediaType, outcome, blobs, manifests, referrers, bytes };
    },
  };
}
