import type { JsonObject } from "@package-operator/kube-yaml";
import type { JsonSchema } from "@package-operator/schema";

/** Group and version of the kinds that are files inside packages. */
export const manifestGroup = "manifests.package-operator.run";
export const manifestVersion = "v1alpha1";

/** `manifest.yaml` of a package or component. */
export interface PackageManifest {
  readonly metadata: ManifestMetadata;
  readonly spec: PackageManifestSpec;
  readonly test: PackageManifestTest;
}

export interface ManifestMetadata {
  readonly name: string;
  readonly creationTimestamp?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

export interface PackageManifestSpec {
  /** `Cluster` and/or `Namespaced`; other values never match. */
  readonly scopes: readonly string[];
  readonly phases: readonly ManifestPhase[];
  /** ObjectSetProbes, copied as they are. */
  readonly availabilityProbes?: readonly JsonObject[];
  readonly config: { readonly openAPIV3Schema?: JsonSchema };
  readonly images: readonly ManifestImage[];
  /** Presence alone switches the multi-component layout on. */
  readonly components?: JsonObject;
  readonly filter: {
    readonly conditions: readonly { readonly name: string; readonly expression: string }[];
    readonly paths: readonly { readonly glob: string; readonly expression: string }[];
  };
  readonly constraints: readonly ManifestConstraint[];
  readonly repositories: readonly { readonly file: string; readonly image: string }[];
  readonly dependencies: readonly ManifestDependency[];
}

export interface ManifestPhase {
  readonly name: string;
  /** Empty: reconciled in place. */
  readonly class: string;
}

export interface ManifestImage {
  readonly name: string;
  readonly image: string;
}

export interface ManifestConstraint {
  readonly platformVersion?: { readonly name: string; readonly range: string };
  readonly platform?: readonly string[];
  readonly uniqueInScope?: JsonObject;
}

export interface ManifestDependency {
  readonly image?: { readonly name: string; readonly package: string; readonly range: string };
}

export interface PackageManifestTest {
  readonly template: readonly TemplateTest[];
  readonly kubeconform?: { readonly kubernetesVersion: string; readonly schemaLocations: readonly string[] };
}

export interface TemplateTest {
  readonly name: string;
  readonly context: TemplateTestContext;
}

/** The part of the render context that a test states; images are placeholders. */
export interface TemplateTestContext {
  readonly package: PackageContext;
  readonly config?: JsonObject;
  readonly environment: Environment;
}

/** `.package` of templates. */
export interface PackageContext {
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly image: string;
}

/** What is known of the cluster; absent parts were not detected. */
export interface Environment {
  readonly kubernetes: { readonly version: string };
  readonly openShift?: {
    readonly version: string;
    readonly managed?: { readonly data: Readonly<Record<string, string>> };
  };
  readonly proxy?: { readonly httpProxy?: string; readonly httpsProxy?: string; readonly noProxy?: string };
  readonly hyperShift?: { readonly hostedCluster: HostedClusterContext | null };
}

export interface HostedClusterContext {
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly labels: Readonly<Record<string, string>> | null;
    readonly annotations: Readonly<Record<string, string>> | null;
  };
  readonly hostedClusterNamespace: string;
  readonly nodeSelector?: Readonly<Record<string, string>>;
}

/** `manifest.lock.yaml`: what every image was when the package was built. */
export interface PackageManifestLock {
  readonly metadata: { readonly creationTimestamp?: string; readonly name?: string };
  readonly spec: {
    readonly images: readonly LockImage[];
    readonly dependencies: readonly LockDependency[];
  };
}

export interface LockImage {
  readonly name: string;
  /** As the manifest writes it. */
  readonly image: string;
  readonly digest: string;
}

export interface LockDependency extends LockImage {
  /** Without leading `v`. */
  readonly version: string;
}

/** A package with its manifest understood. */
export interface Package {
  readonly manifest: PackageManifest;
  readonly lock?: PackageManifestLock;
  /** Every file but manifest and lock, of this package or component alone. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly components: readonly Package[];
}
