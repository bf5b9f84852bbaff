import { createPrefixMatcher } from "@package-operator/image";
import { encodeYaml, isJsonObject, type JsonObject } from "@package-operator/kube-yaml";
import {
  loadComponent,
  lockedImages,
  objectSetTemplateSpec,
  type RawPackage,
  renderPackage,
  requireConfig,
} from "@package-operator/packaging";

const NAME = "package-operator";

/**
 * The operator as plain manifests, for people who install without the bootstrap: what the package renders with its
 * defaults, phase after phase. Nothing keeps such an installation up to date.
 */
export function staticManifests(raw: RawPackage, packageImage: string): string {
  const pkg = loadComponent(raw);
  const objects = renderPackage(pkg, {
    package: { metadata: { name: NAME, namespace: "" }, image: packageImage },
    config: requireConfig(pkg.manifest, {}),
    environment: { kubernetes: { version: "v1.30.0" } },
    ...lockedImages(pkg.lock, createPrefixMatcher([])),
  });
  const { phases } = objectSetTemplateSpec(pkg.manifest, objects);
  return phases
    .flatMap((phase) => phase.objects.map(({ object }) => encodeYaml(withoutPackageLabels(object))))
    .join("---\n");
}

/** The labels say which package an object belongs to; these belong to none. */
function withoutPackageLabels(object: JsonObject): JsonObject {
  const metadata = object["metadata"];
  const labels = isJsonObject(metadata) ? metadata["labels"] : undefined;
  if (!isJsonObject(metadata) || !isJsonObject(labels)) return object;
  const rest = Object.fromEntries(
    Object.entries(labels).filter(([key]) => !/^package-operator\.run\/(package|instance)$/.test(key)),
  );
  const { labels: _all, ...others } = metadata;
  return { ...object, metadata: Object.keys(rest).length === 0 ? others : { ...others, labels: rest } };
}
