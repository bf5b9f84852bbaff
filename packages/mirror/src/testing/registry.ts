import {
  buildImage,
  type BuiltImage,
  createLayer,
  createRegistryClient,
  createRegistryServer,
  memoryStorage,
  type RegistryClient,
  writeImage,
} from "@package-operator/oci";
import { buildPackageImage } from "@package-operator/packaging";

/** Two registries on loopback, one of which answers for every name of `quay.io` and `ghcr.io`. */
export interface TestRegistries {
  readonly client: RegistryClient;
  /** `host:port` of the registry to mirror into. */
  readonly mirror: string;
  /** Requests that reached the source since the last call. */
  readonly sourceRequests: () => number;
  /** Writes an image and returns its digest. */
  push(reference: string, image: BuiltImage): Promise<string>;
  /** Takes the source down. */
  stopSource(): Promise<void>;
  close(): Promise<void>;
}

export async function startRegistries(): Promise<TestRegistries> {
  let requests = 0;
  const source = createRegistryServer({ storage: memoryStorage(), onRequest: () => (requests += 1) });
  const target = createRegistryServer({ storage: memoryStorage() });
  const [{ url }, { address }] = [await source.listen(), await target.listen()];
  const client = createRegistryClient({ resolve: { "quay.io": url, "ghcr.io": url }, retries: 0 });
  return {
    client,
    mirror: address,
    sourceRequests() {
      const count = requests;
      requests = 0;
      return count;
    },
    async push(reference, image) {
      const { repository, reference: tag } = client.image(reference);
      return writeImage(repository, image, { tags: [tag] });
    },
    stopSource: () => source.close(),
    async close() {
      await client.close();
      await source.close();
      await target.close();
    },
  };
}

/** An image that differs from others by its text. */
export async function imageWith(text: string): Promise<BuiltImage> {
  const layer = await createLayer([{ path: "file", content: Buffer.from(text) }]);
  return buildImage({ layers: [layer] });
}

/** A package image of files given as texts. */
export function packageOf(files: Readonly<Record<string, string>>): Promise<BuiltImage> {
  const entries = Object.entries(files).map(([path, text]) => [path, Buffer.from(text)] as const);
  return buildPackageImage({ files: new Map(entries), labels: {} });
}

const HEADER = "apiVersion: manifests.package-operator.run/v1alpha1\n";

/** A manifest with one phase `deploy`. */
export function manifestText(
  name: string,
  options: { images?: Readonly<Record<string, string>>; multi?: boolean } = {},
): string {
  const images = Object.entries(options.images ?? {}).map(
    ([key, image]) => `{name: ${key}, image: "${image}"}`,
  );
  return (
    `${HEADER}kind: PackageManifest\nmetadata: {name: ${name}}\nspec:\n  scopes: [Cluster, Namespaced]\n` +
    `  phases: [{name: deploy}]\n  images: [${images.join(", ")}]\n${options.multi === true ? "  components: {}\n" : ""}`
  );
}

/** A lock; each entry is `[name, image, digest]`. */
export function lockText(
  images: readonly (readonly [string, string, string])[],
  dependencies: readonly (readonly [string, string, string])[] = [],
): string {
  const line = ([name, image, digest]: readonly [string, string, string]): string =>
    `  - {name: ${name}, image: "${image}", digest: "${digest}", version: 1.0.0}\n`;
  return (
    `${HEADER}kind: PackageManifestLock\nspec:\n  images:\n${images.map(line).join("")}` +
    (dependencies.length === 0 ? "" : `  dependencies:\n${dependencies.map(line).join("")}`)
  );
}
