import { decodeYaml, type JsonObject, type JsonValue, YamlError } from "@package-operator/kube-yaml";
import type { JsonSchema } from "@package-operator/schema";
import { jsonSchema } from "./decode-json-schema.ts";
import { objectSetProbe } from "./decode-probes.ts";
import { PackageError, violationError } from "./errors.ts";
import {
  anyObject,
  anyValue,
  decodeStruct,
  type Decoder,
  listOf,
  mapOf,
  orElse,
  optional,
  struct,
  text,
} from "./go-struct.ts";
import {
  type Environment,
  type HostedClusterContext,
  type ManifestConstraint,
  type ManifestDependency,
  manifestGroup,
  type ManifestImage,
  type ManifestMetadata,
  type ManifestPhase,
  manifestVersion,
  type LockDependency,
  type LockImage,
  type PackageContext,
  type PackageManifest,
  type PackageManifestLock,
  type PackageManifestSpec,
  type PackageManifestTest,
  type TemplateTest,
  type TemplateTestContext,
} from "./manifest.ts";

const v1 = (name: string): string => `v1alpha1.${name}`;

/** `metadata` of the kinds that are files. */
export const metadata: Decoder<ManifestMetadata> = struct<ManifestMetadata>("v1.ObjectMeta", {
  name: text,
  creationTimestamp: optional(text),
  labels: mapOf(text),
  annotations: mapOf(text),
});

const image: Decoder<ManifestImage> = struct<ManifestImage>(v1("PackageManifestImage"), {
  name: text,
  image: text,
});
const phase: Decoder<ManifestPhase> = struct<ManifestPhase>(v1("PackageManifestPhase"), {
  name: text,
  class: text,
});

/** One of `spec.constraints`, which repository entries carry too. */
export const constraint: Decoder<ManifestConstraint> = struct<ManifestConstraint>(
  v1("PackageManifestConstraint"),
  {
    platformVersion: optional(
      struct<{ name: string; range: string }>(v1("PackageManifestPlatformVersionConstraint"), {
        name: text,
        range: text,
      }),
    ),
    platform: optional(listOf({ ...text, type: v1("PlatformName") })),
    uniqueInScope: anyObject(v1("PackageManifestUniqueInScopeConstraint")),
  },
);

const dependency: Decoder<ManifestDependency> = struct<ManifestDependency>(v1("PackageManifestDependency"), {
  image: optional(
    struct<Required<ManifestDependency>["image"]>(v1("PackageManifestDependencyImage"), {
      name: text,
      package: text,
      range: text,
    }),
  ),
});

const spec: Decoder<PackageManifestSpec> = struct<PackageManifestSpec>(v1("PackageManifestSpec"), {
  scopes: listOf({ ...text, type: v1("PackageManifestScope") }),
  phases: listOf(phase),
  availabilityProbes: optional(listOf(objectSetProbe)),
  config: struct<{ readonly openAPIV3Schema?: JsonSchema }>(v1("PackageManifestSpecConfig"), {
    openAPIV3Schema: optional(jsonSchema),
  }),
  images: listOf(image),
  components: anyObject(v1("PackageManifestComponentsConfig")),
  filter: struct<PackageManifestSpec["filter"]>(v1("PackageManifestFilter"), {
    conditions: listOf(
      struct<{ name: string; expression: string }>(v1("PackageManifestNamedCondition"), {
        name: text,
        expression: text,
      }),
    ),
    paths: listOf(
      struct<{ glob: string; expression: string }>(v1("PackageManifestPath"), {
        glob: text,
        expression: text,
      }),
    ),
  }),
  constraints: listOf(constraint),
  repositories: listOf(
    struct<{ file: string; image: string }>(v1("PackageManifestRepository"), { file: text, image: text }),
  ),
  dependencies: listOf(dependency),
});

const environment: Decoder<Environment> = struct<Environment>(v1("PackageEnvironment"), {
  kubernetes: struct<{ version: string }>(v1("PackageEnvironmentKubernetes"), { version: text }),
  openShift: optional(
    struct<NonNullable<Environment["openShift"]>>(v1("PackageEnvironmentOpenShift"), {
      version: text,
      managed: optional(
        struct<{ data: Readonly<Record<string, string>> }>(v1("PackageEnvironmentManagedOpenShift"), {
          data: orElse(mapOf(text), {}),
        }),
      ),
    }),
  ),
  proxy: optional(
    struct<NonNullable<Environment["proxy"]>>(v1("PackageEnvironmentProxy"), {
      httpProxy: optional(text),
      httpsProxy: optional(text),
      noProxy: optional(text),
    }),
  ),
  hyperShift: optional(
    struct<NonNullable<Environment["hyperShift"]>>(v1("PackageEnvironmentHyperShift"), {
      hostedCluster: orElse(optional(hostedCluster()), null),
    }),
  ),
});

function hostedCluster(): Decoder<HostedClusterContext> {
  return struct<HostedClusterContext>(v1("PackageEnvironmentHyperShiftHostedCluster"), {
    metadata: struct<HostedClusterContext["metadata"]>(v1("TemplateContextObjectMeta"), {
      name: text,
      namespace: text,
      labels: orElse(mapOf(text), null),
      annotations: orElse(mapOf(text), null),
    }),
    hostedClusterNamespace: text,
    nodeSelector: mapOf(text),
  });
}

const packageContext: Decoder<PackageContext> = struct<PackageContext>(v1("TemplateContextPackage"), {
  metadata: struct<PackageContext["metadata"]>(v1("TemplateContextObjectMeta"), {
    name: text,
    namespace: text,
    labels: mapOf(text),
    annotations: mapOf(text),
  }),
  image: text,
});

const templateTest: Decoder<TemplateTest> = struct<TemplateTest>(v1("PackageManifestTestCaseTemplate"), {
  name: text,
  context: struct<TemplateTestContext>(v1("TemplateContext"), {
    package: packageContext,
    // A configuration that is no object is reported by validation, with the name of the test.
    config: anyValue as Decoder<JsonObject | undefined>,
    environment,
  }),
});

const test: Decoder<PackageManifestTest> = struct<PackageManifestTest>(v1("PackageManifestTest"), {
  template: listOf(templateTest),
  kubeconform: optional(
    struct<Required<PackageManifestTest>["kubeconform"]>(v1("PackageManifestTestKubeconform"), {
      kubernetesVersion: text,
      schemaLocations: listOf(text),
    }),
  ),
});

const manifest: Decoder<PackageManifest> = struct<PackageManifest>(v1("PackageManifest"), {
  metadata,
  spec,
  test,
});

const lockImage = { name: text, image: text, digest: text };
const lock: Decoder<PackageManifestLock> = struct<PackageManifestLock>(v1("PackageManifestLock"), {
  metadata: metadata,
  spec: struct<PackageManifestLock["spec"]>(v1("PackageManifestLockSpec"), {
    images: listOf(struct<LockImage>(v1("PackageManifestLockImage"), lockImage)),
    dependencies: listOf(
      struct<LockDependency>(v1("PackageManifestLockDependency"), { ...lockImage, version: text }),
    ),
  }),
});

/** Reads `manifest.yaml`. @throws PackageError `violation` with the file's path. */
export function decodeManifest(content: Uint8Array | string, path: string): PackageManifest {
  return decodeManifestFile(manifest, "PackageManifest", content, path);
}

/** Reads `manifest.lock.yaml`. @throws PackageError `violation` with the file's path. */
export function decodeLock(content: Uint8Array | string, path: string): PackageManifestLock {
  return decodeManifestFile(lock, "PackageManifestLock", content, path);
}

/** Reads an environment as template tests state it. @throws PackageError `fields` for values of the wrong type. */
export function decodeEnvironment(value: JsonValue): Environment {
  return decodeStruct(environment, value);
}

/** Reads one file of a manifest kind: first kind and version, then everything. An empty path is left out of messages. */
export function decodeManifestFile<T>(
  decoder: Decoder<T>,
  kind: string,
  content: Uint8Array | string,
  path: string,
): T {
  const place = path === "" ? {} : { path };
  const invalidYaml = (error: Error): PackageError =>
    violationError({ reason: "invalid-yaml", ...place, details: error.message });
  let value: JsonValue;
  try {
    value = decodeYaml(content);
    const type = decodeStruct(typeMeta, value);
    const problem = kindProblem(type, kind);
    if (problem !== undefined) throw violationError({ reason: "unknown-kind", ...place, details: problem });
    return decodeStruct(decoder, value);
  } catch (error) {
    if (error instanceof YamlError) throw invalidYaml(error);
    if (error instanceof PackageError && error.code === "fields") throw invalidYaml(error);
    throw error;
  }
}

const typeMeta: Decoder<{ apiVersion: string; kind: string }> = struct<{ apiVersion: string; kind: string }>(
  "v1.TypeMeta",
  {
    apiVersion: text,
    kind: text,
  },
);

function kindProblem(type: { apiVersion: string; kind: string }, wanted: string): string | undefined {
  const parts = type.apiVersion.split("/");
  // A version with two slashes is none at all, in the Kubernetes libraries' reading.
  const [group, version] = parts.length === 2 ? parts : ["", parts.length === 1 ? parts[0] : ""];
  if (group !== manifestGroup || type.kind !== wanted) {
    const is = group === "" ? type.kind : `${type.kind}.${group}`;
    return `GroupKind must be ${wanted}.${manifestGroup}, is: ${is}`;
  }
  if (version === manifestVersion) return undefined;
  return `unknown version ${version}, supported versions: ${manifestVersion}`;
}
