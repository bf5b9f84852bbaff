import { type BuiltImage, buildImage, createLayer } from "@package-operator/oci";
import { imageFolder, isHiddenPath, type RawPackage } from "./raw-package.ts";

/**
 * Makes the image of a package: one layer with every file below `package/`, nothing of the machine it was made on. The
 * same files give the same diff id as upstream's builder. Default format: `docker`, as upstream's.
 */
export async function buildPackageImage(
  raw: RawPackage,
  { format = "docker" }: { readonly format?: "docker" | "oci" } = {},
): Promise<BuiltImage> {
  const entries = [...raw.files]
    .filter(([path]) => !isHiddenPath(path))
    .map(([path, content]) => ({ path: `${imageFolder}/${path}`, content, mode: 0 }));
  const layer = await createLayer(entries, { format });
  const hasLabels = Object.keys(raw.labels).length > 0;
  return buildImage({ format, layers: [layer], config: hasLabels ? { Labels: raw.labels } : {} });
}
