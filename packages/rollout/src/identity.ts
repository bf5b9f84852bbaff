import { formatKind, type KubeObject, parseApiVersion } from "@package-operator/kube";

/** What stays the same of an object over its versions; `namespace` is empty for cluster-scoped objects. */
export interface ObjectIdentity {
  readonly group: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

/** The identity of an object as it is written; an absent namespace stays empty. */
export function identityOf(object: KubeObject): ObjectIdentity {
  return {
    group: parseApiVersion(object.apiVersion).group,
    kind: object.kind,
    namespace: object.metadata.namespace ?? "",
    name: object.metadata.name ?? "",
  };
}

/** A text that is equal for equal identities, for use as a map key. */
export function identityKey({ group, kind, namespace, name }: ObjectIdentity): string {
  return `${group}/${kind}/${namespace}/${name}`;
}

/** `<Kind> <namespace>/<name>`; the slash stays when there is no namespace. */
export function formatObject(object: KubeObject): string {
  return `${object.kind} ${object.metadata.namespace ?? ""}/${object.metadata.name ?? ""}`;
}

/** `<group>/<version>, Kind=<Kind> <namespace>/<name>`, the form of adoption messages. */
export function formatQualifiedObject(object: KubeObject): string {
  return `${formatKind(object)} ${object.metadata.namespace ?? ""}/${object.metadata.name ?? ""}`;
}
