import type { Condition, ObjectSetSpec } from "@package-operator/api";
import type { ObjectDeployment, ObjectSet, PackageResource } from "../resources.ts";

const apiVersion = "package-operator.run/v1alpha1";

/** A condition as tests need it. */
export function condition(
  type: string,
  status: Condition["status"],
  changes: Partial<Condition> = {},
): Condition {
  return {
    type,
    status,
    reason: "Because",
    message: "",
    lastTransitionTime: "2024-01-01T00:00:00Z",
    observedGeneration: 1,
    ...changes,
  };
}

/** An object set of a revision, with conditions. */
export function objectSet(
  revision: number,
  options: {
    spec?: Partial<ObjectSetSpec>;
    status?: ObjectSet["status"];
    annotations?: Record<string, string>;
  } = {},
): ObjectSet {
  return {
    apiVersion,
    kind: "ObjectSet",
    metadata: {
      name: `set-${revision}`,
      namespace: "ns",
      uid: `uid-${revision}`,
      generation: 1,
      annotations: options.annotations ?? {},
    },
    spec: { revision, ...options.spec },
    ...(options.status === undefined ? {} : { status: options.status }),
  };
}

/** A phase with one config map. */
function phaseWith(name: string): NonNullable<ObjectSetSpec["phases"]>[number] {
  return { name, objects: [{ object: { apiVersion: "v1", kind: "ConfigMap", metadata: { name } } }] };
}

/** A deployment with a template of one phase. */
export function objectDeployment(changes: Partial<ObjectDeployment> = {}): ObjectDeployment {
  return {
    apiVersion,
    kind: "ObjectDeployment",
    metadata: { name: "app", namespace: "ns", uid: "uid-app", generation: 1 },
    spec: {
      selector: { matchLabels: { app: "x" } },
      template: { metadata: { labels: { app: "x" } }, spec: { phases: [phaseWith("a")] } },
    },
    ...changes,
  };
}

/** A package. */
export function packageResource(changes: Partial<PackageResource> = {}): PackageResource {
  return {
    apiVersion,
    kind: "Package",
    metadata: { name: "app", namespace: "ns", uid: "uid-pkg", generation: 1 },
    spec: { image: "quay.io/a/b:v1" },
    ...changes,
  };
}
