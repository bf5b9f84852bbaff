import { labels } from "@package-operator/api";
import type { PrefixMatcher } from "@package-operator/image";
import type { CallOptions } from "@package-operator/kube";
import {
  type Environment,
  loadComponent,
  lockedImages,
  objectSetTemplateSpec,
  type Package,
  PackageError,
  type RawPackage,
  renderPackage,
  requireConfig,
  unmetConstraints,
  validatePackage,
} from "@package-operator/packaging";
import type { PackageResource } from "../resources.ts";
import type { Stores } from "../runtime/stores.ts";
import { desiredDeployment, type RenderedPackage } from "./desired-deployment.ts";
import { ensureDeployment } from "./ensure-deployment.ts";
import { resolvedImagesAnnotation } from "./resolved-images.ts";

/** What became of a pulled package. */
export type Deployment =
  | { readonly kind: "deployed" }
  /** It cannot be used; `final` when nothing but another image or spec can help. */
  | {
      readonly kind: "refused";
      readonly reason: "LoadError" | "ConstraintsFailed";
      readonly message: string;
      readonly final: boolean;
    };

/** What deploying needs beside the package. */
export interface DeployContext {
  readonly environment: Environment;
  readonly prefix: PrefixMatcher;
  /** What `status.unpackedHash` becomes once the package is deployed. */
  readonly unpackedHash: string;
}

/** Turns a pulled package into the deployment of its Package object. */
export async function deployPackage(
  stores: Stores,
  pkg: PackageResource,
  raw: RawPackage,
  context: DeployContext,
  options: CallOptions,
): Promise<Deployment> {
  let component: Package;
  try {
    component = loadComponent(raw, pkg.spec.component);
  } catch (error) {
    return refusal(error, { final: true });
  }
  const unmet = unmetConstraints(component.manifest.spec.constraints, {
    environment: context.environment,
    hasSibling: hasSibling(stores, pkg, component.manifest.metadata.name),
  });
  if (unmet.length > 0) {
    const message = `Constraints not met: ${unmet.join(", ")}`;
    return { kind: "refused", reason: "ConstraintsFailed", message, final: false };
  }
  let rendered: RenderedPackage;
  try {
    rendered = render(stores, pkg, component, context);
  } catch (error) {
    return refusal(error, { final: false });
  }
  const desired = desiredDeployment(pkg, rendered, stores.kinds.objectDeployment);
  await ensureDeployment(stores, pkg, desired, options);
  return { kind: "deployed" };
}

function refusal(error: unknown, { final }: { final: boolean }): Deployment {
  if (!(error instanceof PackageError)) throw error;
  return { kind: "refused", reason: "LoadError", message: error.message, final };
}

function render(
  stores: Stores,
  pkg: PackageResource,
  component: Package,
  { environment, prefix, unpackedHash }: DeployContext,
): RenderedPackage {
  const { name = "", namespace = "", labels: given, annotations } = pkg.metadata;
  const { manifest, lock } = component;
  const config = requireConfig(manifest, pkg.spec.config);
  const images = lockedImages(lock, prefix);
  validatePackage(component, { scope: stores.kinds.scope });
  const objects = renderPackage(component, {
    package: {
      // Templates tell absent labels from empty ones.
      metadata: {
        name,
        namespace,
        ...(given === undefined ? {} : { labels: given }),
        ...(annotations === undefined ? {} : { annotations }),
      },
      image: pkg.spec.image,
    },
    config,
    ...images,
    environment,
  });
  return {
    name: manifest.metadata.name,
    template: objectSetTemplateSpec(manifest, objects) as unknown as RenderedPackage["template"],
    sourceImage: prefix.replace(pkg.spec.image),
    resolvedImages: resolvedImagesAnnotation(unpackedHash, [pkg.spec.image, ...lockReferences(lock)], prefix),
  };
}

function lockReferences(lock: Package["lock"]): string[] {
  const { images = [], dependencies = [] } = lock?.spec ?? {};
  return [...images, ...dependencies].map(({ image }) => image);
}

/** Whether another package of the same manifest is installed in the same scope; their deployments show it. */
function hasSibling(stores: Stores, pkg: PackageResource, manifestName: string): boolean {
  const { name, namespace } = pkg.metadata;
  return stores.deployments
    .list({ namespace })
    .some(({ metadata }) => metadata.name !== name && metadata.labels?.[labels.package] === manifestName);
}
