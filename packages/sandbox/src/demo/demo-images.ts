import path from "node:path";
import { type BuiltImage, type RegistryClient, writeImage } from "@package-operator/oci";
import { buildPackageImage, importFolder } from "@package-operator/packaging";
import {
  type BaseImage,
  buildProgramImage,
  buildRelease,
  lockPackage,
  type Release,
} from "@package-operator/release";

/** What the demo pulls from the registry that stands for the internet. */
export interface DemoImages {
  readonly release: Release;
  readonly images: readonly { readonly reference: string; readonly image: BuiltImage }[];
  /** The example package. */
  readonly example: string;
}

export interface DemoImagesOptions {
  /** Root of the repository; the programs are in `dist/bin`. */
  readonly root: string;
  readonly base: BaseImage;
  readonly registryPrefix: string;
  readonly tag: string;
}

const EXAMPLE = { registryPrefix: "quay.io/example", tag: "v1" };

/** Builds the release, and an example: a web server and the package that installs it. */
export async function buildDemoImages(options: DemoImagesOptions): Promise<DemoImages> {
  const { root, base } = options;
  const created = "1970-01-01T00:00:00Z";
  const release = await buildRelease({
    ...options,
    bases: [base],
    binDir: path.join(root, "dist", "bin"),
    configDir: path.join(root, "config"),
  });
  const hello = await buildProgramImage("hello", path.join(root, "examples", "apps"), base);
  const folder = await importFolder(path.join(root, "examples", "hello"));
  const locked = await lockPackage(folder, {
    ...EXAMPLE,
    created,
    digests: { hello: hello.manifest.descriptor.digest },
  });
  const example = `${EXAMPLE.registryPrefix}/hello-package:${EXAMPLE.tag}`;
  return {
    release,
    example,
    images: [
      ...release.images.flatMap(({ reference, images }) => images.map(({ image }) => ({ reference, image }))),
      { reference: `${EXAMPLE.registryPrefix}/hello:${EXAMPLE.tag}`, image: hello },
      { reference: example, image: await buildPackageImage(locked) },
    ],
  };
}

/** Pushes the images under their own names. */
export async function pushDemoImages(
  { images }: DemoImages,
  client: RegistryClient,
  signal: AbortSignal | undefined,
): Promise<void> {
  await Promise.all(
    images.map(async ({ reference, image }) => {
      const { repository, reference: tag } = client.image(reference);
      await writeImage(repository, image, { tags: [tag], signal });
    }),
  );
}
