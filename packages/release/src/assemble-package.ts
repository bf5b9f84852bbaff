import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { editYaml } from "@package-operator/kube-yaml";
import {
  decodeManifest,
  formatLock,
  importFolder,
  type RawPackage,
  updateLock,
} from "@package-operator/packaging";
import { ReleaseError } from "./errors.ts";

/** Where the images of a release are called and what they are. */
export interface ReleaseNames {
  /** For example `quay.io/package-operator`, without trailing slash. */
  readonly registryPrefix: string;
  readonly tag: string;
}

export interface AssembleOptions extends ReleaseNames {
  /** Digests of the images by their names in the manifests. */
  readonly digests: Readonly<Record<string, string>>;
  /** Time written into the locks, RFC 3339; the same every time, so that the same input gives the same image. */
  readonly created: string;
}

const PACKAGE = "package-operator";
const PHASE_ANNOTATION = "package-operator.run/phase";
/** Parts that bring the custom resources into a cluster: the root, and the component that operates a hosted cluster. */
const CRD_FOLDERS = ["crds", "components/hosted-cluster/crds"];

/** `<registry prefix>/<name>:<tag>`. */
export function releaseReference({ registryPrefix, tag }: ReleaseNames, name: string): string {
  return `${registryPrefix}/${name}:${tag}`;
}

/**
 * Puts the package that installs the operator together: its folder, the CRDs, this release's image references in every
 * manifest, and a lock with the digests beside each.
 *
 * @throws ReleaseError `input` for an image without digest; PackageError for a broken folder.
 */
export async function assemblePackage(
  options: AssembleOptions & { readonly configDir: string },
): Promise<RawPackage> {
  const raw = await importFolder(path.join(options.configDir, "packages", PACKAGE));
  const files = new Map(raw.files);
  for (const [name, content] of await readCrds(options.configDir)) {
    for (const folder of CRD_FOLDERS) files.set(`${folder}/${name}`, content);
  }
  return lockPackage({ ...raw, files }, options);
}

/**
 * Gives every image of every manifest in a package the reference of a release, and writes a lock with the digests beside
 * each manifest.
 *
 * @throws ReleaseError `input` for an image without digest.
 */
export async function lockPackage(raw: RawPackage, options: AssembleOptions): Promise<RawPackage> {
  const files = new Map(raw.files);
  for (const [file, content] of raw.files) {
    if (!/(^|\/)manifest\.yaml$/.test(file)) continue;
    const manifest = setImages(Buffer.from(content).toString("utf8"), file, options);
    files.set(file, Buffer.from(manifest));
    files.set(file.replace(/manifest\.yaml$/, "manifest.lock.yaml"), await lockOf(manifest, file, options));
  }
  return { files, labels: raw.labels };
}

/** The CRDs as package content: the bootstrap takes them out of the image without rendering anything. */
async function readCrds(configDir: string): Promise<Map<string, Uint8Array>> {
  const folder = path.join(configDir, "crds");
  const names = (await readdir(folder)).filter((name) => name.endsWith(".yaml")).toSorted();
  if (names.length === 0) throw new ReleaseError("input", `${folder} holds no CRDs`);
  const contents = await Promise.all(
    names.map(async (name) => {
      const editor = editYaml(await readFile(path.join(folder, name), "utf8"), { source: name });
      editor.set(["metadata", "annotations", PHASE_ANNOTATION], "crds");
      return [name, Buffer.from(editor.toString())] as const;
    }),
  );
  return new Map(contents);
}

function setImages(manifest: string, file: string, names: ReleaseNames): string {
  const editor = editYaml(manifest, { source: file });
  for (const [index, { name }] of decodeManifest(manifest, file).spec.images.entries()) {
    editor.set(["spec", "images", index, "image"], releaseReference(names, name));
  }
  return editor.toString();
}

async function lockOf(text: string, file: string, { digests, created }: AssembleOptions): Promise<Buffer> {
  const manifest = decodeManifest(text, file);
  const byReference = new Map(manifest.spec.images.map(({ name, image }) => [image, digests[name]]));
  const { lock } = await updateLock(manifest, {
    now: created,
    // oxlint-disable-next-line require-await -- digests usually come from a registry
    resolveDigest: async (reference) => {
      const digest = byReference.get(reference);
      if (digest === undefined)
        throw new ReleaseError("input", `${file}: no image was built for ${reference}`);
      return digest;
    },
  });
  return Buffer.from(formatLock(lock));
}
