import { annotations, labels, type ObjectSetTemplateSpec } from "@package-operator/api";
import { encodeJson } from "@package-operator/kube-yaml";
import { controllerReference } from "@package-operator/rollout";
import { ownerOf, takenOver } from "../owners.ts";
import type { ObjectDeployment, PackageResource } from "../resources.ts";

/** What a package is made into. */
export interface RenderedPackage {
  /** Name in the manifest. */
  readonly name: string;
  readonly template: ObjectSetTemplateSpec;
  /** The image, after the prefix override. */
  readonly sourceImage: string;
  /** Annotations that record how image references were resolved. */
  readonly resolvedImages?: Readonly<Record<string, string>>;
}

/** The deployment of a package, which has its name. */
export function desiredDeployment(
  pkg: PackageResource,
  rendered: RenderedPackage,
  kind: { apiVersion: string; kind: string },
): ObjectDeployment {
  const { name = "", namespace } = pkg.metadata;
  const common = { [labels.package]: rendered.name, [labels.instance]: name };
  return {
    apiVersion: kind.apiVersion,
    kind: kind.kind,
    metadata: {
      name,
      ...(namespace === undefined ? {} : { namespace }),
      labels: common,
      annotations: {
        [annotations.packageSourceImage]: rendered.sourceImage,
        ...rendered.resolvedImages,
        [annotations.packageConfig]: encodeJson(pkg.spec.config ?? null),
        [annotations.changeCause]: `Installing ${rendered.name} package.`,
      },
      ownerReferences: [controllerReference(ownerOf(pkg))],
    },
    spec: {
      selector: { matchLabels: common },
      template: { metadata: { labels: common }, spec: rendered.template },
    },
  };
}

/** Brings the parts of an existing deployment that belong to its package up to date; the rest keeps its value. */
export function mergeDeployment(
  existing: ObjectDeployment,
  desired: ObjectDeployment,
  pkg: PackageResource,
): ObjectDeployment {
  const ownerReferences = takenOver(existing, pkg);
  return {
    ...existing,
    metadata: {
      ...existing.metadata,
      ...(ownerReferences === undefined ? {} : { ownerReferences }),
      labels: { ...existing.metadata.labels, ...desired.metadata.labels },
      annotations: {
        ...existing.metadata.annotations,
        ...desired.metadata.annotations,
        [annotations.changeCause]: changeCause(existing, desired),
      },
    },
    spec: {
      ...existing.spec,
      template: { ...existing.spec.template, spec: desired.spec.template.spec },
    },
  };
}

/** Why the next revision exists, in words. */
function changeCause(existing: ObjectDeployment, desired: ObjectDeployment): string {
  const differs = (name: string) =>
    existing.metadata.annotations?.[name] !== desired.metadata.annotations?.[name];
  const image = differs(annotations.packageSourceImage);
  const config = differs(annotations.packageConfig);
  if (image && config) return "Package source image and config changed.";
  if (image) return "Package source image changed.";
  if (config) return "Package config changed.";
  return existing.metadata.annotations?.[annotations.changeCause] ?? "";
}
