import { abortable, mustVerify, type ContentTarget } from "../content.ts";
import { collectBody } from "../client/collect-body.ts";
import { defaultMaxBytes } from "../content.ts";
import { isDigest, verifyBytes, verifyStream, type Digest } from "../digest.ts";
import { OciError } from "../errors.ts";
import {
  manifestType,
  parseManifest,
  parseObject,
  type Descriptor,
  type ManifestContent,
} from "../manifest.ts";
import { referrerDescriptor } from "../storage/referrer.ts";
import type { LayoutStore, LayoutWriter } from "./layout-store.ts";

/** The annotation that names an entry (OCI image specification, "Pre-Defined Annotation Keys"). */
const refNameAnnotation = "org.opencontainers.image.ref.name";
/** containerd writes the full name here and only the tag into the other. */
const containerdNameAnnotation = "io.containerd.image.name";

/** The name of an entry of a layout. */
export function entryName(entry: Descriptor): string | undefined {
  return entry.annotations?.[containerdNameAnnotation] ?? entry.annotations?.[refNameAnnotation];
}

/**
 * Images of a layout. With a repository, entries are named `repository:tag` (and `repository@digest` for an image that
 * was written without a tag), as archives of images from several registries need it. Without, a tag is the whole name of
 * an entry. Blobs and manifests are found by digest whatever the repository, since a layout has only one place for them.
 */
export function layoutContent(store: LayoutStore, repository?: string): ContentTarget {
  const name = repository === undefined ? store.name : `${store.name}:${repository}`;
  const nameOf = (reference: string): string => {
    if (repository === undefined) return reference;
    return isDigest(reference) ? `${repository}@${reference}` : `${repository}:${reference}`;
  };

  const find = async (reference: string): Promise<Digest | undefined> => {
    if (isDigest(reference)) return reference;
    const wanted = nameOf(reference);
    // Of entries with the same name the last one was written last.
    const entry = (await store.entries()).findLast(
      (item) => entryName(item) === wanted || item.annotations?.[refNameAnnotation] === wanted,
    );
    return entry?.digest;
  };
  const missing = (reference: string): OciError =>
    new OciError("not-found", `${name}: manifest ${reference} not found`, { reference });

  const readManifest = async (reference: string): Promise<ManifestContent | undefined> => {
    const digest = await find(reference);
    const size = digest === undefined ? undefined : await store.size(digest);
    if (digest === undefined || size === undefined) return undefined;
    const what = `${name}: manifest ${digest}`;
    const bytes = await collectBody(store.read(digest, 0), defaultMaxBytes, what);
    verifyBytes(bytes, { digest, size: bytes.length }, what);
    const known = (await store.entries()).find((entry) => entry.digest === digest);
    const mediaType = manifestType(parseObject(bytes, what), known?.mediaType ?? "");
    return { descriptor: { mediaType, digest, size: bytes.length }, bytes };
  };

  const writer = (): LayoutWriter => {
    if (store.writer !== undefined) return store.writer;
    throw new OciError("read-only", `${name} is read-only`);
  };

  return {
    name,
    store: store.name,
    repository: repository ?? "",
    resolve: async (reference) => (await readManifest(reference))?.descriptor,
    async manifest(reference) {
      const content = await readManifest(reference);
      if (content === undefined) throw missing(reference);
      return content;
    },
    hasBlob: async (descriptor) => (await store.size(descriptor.digest)) === descriptor.size,
    async *blob(descriptor, options = {}) {
      const what = `${name}: blob ${descriptor.digest}`;
      if ((await store.size(descriptor.digest)) === undefined) {
        throw new OciError("not-found", `${what} not found`, { reference: descriptor.digest });
      }
      const offset = options.offset ?? 0;
      const content = abortable(store.read(descriptor.digest, offset), options.signal);
      yield* mustVerify(options) ? verifyStream(content, descriptor, what) : content;
    },
    async tags() {
      const prefix = repository === undefined ? "" : `${repository}:`;
      const names = (await store.entries()).flatMap((entry) => entryName(entry) ?? []);
      const tags = names.filter((item) => item.startsWith(prefix)).map((item) => item.slice(prefix.length));
      return [...new Set(tags)].toSorted();
    },
    async referrers(digest, options = {}) {
      const found = new Map<Digest, Descriptor>();
      for (const entry of await store.entries()) {
        const content = await readManifest(entry.digest);
        if (content === undefined || parseManifest(content).subject?.digest !== digest) continue;
        found.set(entry.digest, referrerDescriptor(content));
      }
      const all = [...found.values()];
      const { artifactType } = options;
      return artifactType === undefined ? all : all.filter((item) => item.artifactType === artifactType);
    },
    async writeBlob(descriptor, open, options = {}) {
      const content = abortable(open(0), options.signal);
      await writer().write(
        descriptor,
        verifyStream(content, descriptor, `${name}: blob ${descriptor.digest}`),
      );
      options.onBytes?.(descriptor.size);
      return "written";
    },
    async writeManifest(reference, content, options = {}) {
      const { descriptor, bytes } = content;
      verifyBytes(bytes, descriptor, `${name}: manifest ${descriptor.digest}`);
      const isThere = (await store.size(descriptor.digest)) !== undefined;
      if (!isThere) await writer().write(descriptor, once(bytes));
      const { mediaType, digest, size } = descriptor;
      const bare: Descriptor = { mediaType, digest, size };
      if (!isDigest(reference) || options.isRoot === true) {
        const full = nameOf(reference);
        const entry = { ...bare, annotations: { [refNameAnnotation]: full } };
        await writer().change((all) => [...all.filter((item) => entryName(item) !== full), entry]);
      } else if (parseManifest(content).subject !== undefined) {
        // Entries without a name are how referrers are found.
        await writer().change((all) => (all.some((item) => item.digest === digest) ? all : [...all, bare]));
      }
    },
    async deleteManifest(reference) {
      const digest = await find(reference);
      if (digest === undefined || (await store.size(digest)) === undefined) throw missing(reference);
      const isKept = (entry: Descriptor): boolean =>
        isDigest(reference) ? entry.digest !== digest : entryName(entry) !== nameOf(reference);
      await writer().change((all) => all.filter(isKept));
    },
  };
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
