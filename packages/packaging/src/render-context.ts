import type { JsonObject } from "@package-operator/kube-yaml";
import type { Environment, PackageContext } from "./manifest.ts";

/** Everything that templates and conditions of a package can see. */
export interface RenderContext {
  readonly package: PackageContext;
  /** Admitted configuration; null where there is none to speak of. */
  readonly config: JsonObject | null;
  /** Name to reference with digest, overrides applied. */
  readonly images: Readonly<Record<string, string>> | null;
  readonly dependencies: Readonly<Record<string, string>> | null;
  readonly environment: Environment;
}

/**
 * The context as JSON in the shape that templates and conditions know. Absent parts of the environment stay absent, other
 * absent maps are null.
 */
export function contextJson(context: RenderContext): JsonObject {
  const { package: pkg, config, images, dependencies, environment } = context;
  const { name, namespace, labels, annotations } = pkg.metadata;
  return {
    package: {
      metadata: { name, namespace, labels: copy(labels), annotations: copy(annotations) },
      image: pkg.image,
    },
    config,
    images: copy(images),
    dependencies: copy(dependencies),
    environment: environmentJson(environment),
  };
}

function copy(texts: Readonly<Record<string, string>> | null | undefined): JsonObject | null {
  return texts === null || texts === undefined ? null : { ...texts };
}

function environmentJson({ kubernetes, openShift, proxy, hyperShift }: Environment): JsonObject {
  return {
    kubernetes: { version: kubernetes.version },
    ...(openShift === undefined ? {} : { openShift: openShiftJson(openShift) }),
    ...(proxy === undefined ? {} : { proxy: withoutEmpty(proxy) }),
    ...(hyperShift === undefined ? {} : { hyperShift: { hostedCluster: hostedClusterJson(hyperShift) } }),
  };
}

function openShiftJson({ version, managed }: NonNullable<Environment["openShift"]>): JsonObject {
  return { version, ...(managed === undefined ? {} : { managed: { data: { ...managed.data } } }) };
}

function hostedClusterJson({ hostedCluster }: NonNullable<Environment["hyperShift"]>): JsonObject | null {
  if (hostedCluster === null) return null;
  const { metadata, hostedClusterNamespace, nodeSelector = {} } = hostedCluster;
  return {
    metadata: {
      name: metadata.name,
      namespace: metadata.namespace,
      labels: copy(metadata.labels),
      annotations: copy(metadata.annotations),
    },
    hostedClusterNamespace,
    ...(Object.keys(nodeSelector).length === 0 ? {} : { nodeSelector: { ...nodeSelector } }),
  };
}

function withoutEmpty(texts: Readonly<Record<string, string | undefined>>): JsonObject {
  return Object.fromEntries(
    Object.entries(texts).flatMap(([name, value]) =>
      value === undefined || value === "" ? [] : [[name, value]],
    ),
  );
}
